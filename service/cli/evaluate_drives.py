"""`patrol evaluate drives`: places, speeds, rest and identity on simulated drives, whose truth is exact."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.errors import BadUse
from models.evaluation.report import number
from models.evaluation.report_json import plain
from pipelines.evaluation.clips import DriveScore, score_drive
from pipelines.evaluation.simulated import KMH, Goal, SimulatedReport, simulated_report
from pipelines.simulate.drive_gps import simulated_gps
from pipelines.simulate.drive_logs import clock_error, imitated_network, simulated_logs
from pipelines.simulate.drive_observe import simulated_drive
from pipelines.simulate.drive_random import random_drive
from service.cli.options import AsJson
from service.cli.tables import titled_table
from vision.observe import ObserveSettings

WIDTH = 110

err = Console(stderr=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command("drives")(evaluate_drives)


def evaluate_drives(
    seeds: Annotated[str, typer.Option(metavar="FROM-TO", help="Drives to simulate, one per seed.")] = "1000-1011",
    as_json: AsJson = False,
) -> None:
    """Simulate drives, observe them as videos are, and compare with what was there.

    Only what the network makes of pictures is imitated. docs/evaluation.md says how, and what is counted how.
    """
    network, settings = imitated_network(), ObserveSettings()
    scores: list[DriveScore] = []
    clock_errors: list[float] = []
    for seed in track(_seeds(seeds), "drives", console=err):
        world = random_drive(seed)
        drive, gps = simulated_drive(world, network.thresholds, settings.look), simulated_gps(world)
        logs = simulated_logs(drive, gps, network, settings)
        scores += [score_drive(drive.truth, log) for log in logs]
        clock_errors.append(clock_error(logs[1], gps))
    found = simulated_report(scores, clock_errors)
    if as_json:
        typer.echo(json.dumps(plain(found), ensure_ascii=False))
    else:
        _show(found)


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    try:
        found = list(range(int(first), int(last or first) + 1))
    except ValueError:
        found = []
    if not found:
        raise BadUse(f"--seeds {text}: no range of whole numbers", advice="as in --seeds 1000-1011, or --seeds 7")
    return found


def _show(found: SimulatedReport) -> None:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH
    for table in (
        _drives(found),
        _goals("with GPS", (*found.goals, found.clock)),
        _goals("without GPS", found.goals_without),
    ):
        console.print(table, "")
    console.print(f"offset between the clocks told in {found.clock_told.part} of {found.clock_told.whole} drives")


def _drives(found: SimulatedReport) -> Table:
    headings = (
        "off m",
        "off %",
        "ego km/h",
        "way",
        "stood",
        "told",
        "denied",
        "moved",
        "held",
        "F1",
        "switches",
        "of s",
    )
    table = titled_table("simulated drives", ("drive", "GPS"), headings)
    for each in found.drives:
        places, speeds, rest = each.places, each.speeds, each.rest
        counts = (str(count) for count in (rest.stood, rest.right, rest.wrong, rest.moved, rest.held))
        table.add_row(
            each.drive, "with" if each.gps else "without", number(places.error_m), number(100 * places.error_share, 1),
            number(KMH * speeds.error_mps, 1), number(speeds.distance_share), *counts, number(rest.f1),
            str(each.identity.switches), number(each.identity.seconds, 0),
        )  # fmt: skip
    return table


def _goals(title: str, goals: tuple[Goal, ...]) -> Table:
    table = titled_table(title, ("goal",), ("measured", "wanted", "reached"))
    for goal in goals:
        table.add_row(goal.name, number(goal.value, 3), f"{goal.sense} {goal.limit:g}", "yes" if goal.reached else "no")
    return table
