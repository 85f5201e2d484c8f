"""The tables that `patrol evaluate clips` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from models.evaluation.report import number
from pipelines.evaluation.report import DriveRow, KindTotal, Report, WindowTotal
from pipelines.evaluation.rest import RestScore
from pipelines.evaluation.shares import Share
from service.cli.tables import titled_table

WIDTH: Final = 110  # where no terminal says how wide it is
NOTHING: Final = "–"


def show_report(found: Report) -> None:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH
    tables = [_kinds(found.kinds), _windows(found.windows), _perception(found), _lamps(found)]
    if found.drives:
        tables += [_ground(found.drives), _rest(found), _parked(found.drives)]
    for table in tables:
        console.print(table, "")


def _kinds(kinds: Sequence[KindTotal]) -> Table:
    headings = ("recall", "likely", "precision", "waiters", "not scored", "insufficient")
    table = titled_table("incidents in clips", ("kind",), headings)
    for each in kinds:
        shares = (_of(each.recall, interval=True), _of(each.likely), _of(each.precision, interval=True))
        sightings = str(each.sightings) if each.has_rule else "no rule"
        table.add_row(_words(each.kind), *shares, _of(each.waiters), str(each.unscored), sightings)
    return table


def _windows(windows: Sequence[WindowTotal]) -> Table:
    headings = ("from s", "to s", "recall", "precision", "false alarms")
    table = titled_table("windows whose list is complete", ("clip", "kind"), headings)
    for each in windows:
        times = (f"{each.start_s:.1f}", f"{each.end_s:.1f}")
        shares = (_of(each.recall), _of(each.precision), str(each.false_alarms))
        table.add_row(each.clip, _words(each.kind), *times, *shares)
    return table


def _perception(found: Report) -> Table:
    table = titled_table("what the logs of the clips hold", ("of", "well", "badly", "not at all"), ())
    rest, cuts, paths = found.rest, found.cuts, found.identity
    table.add_row(
        f"{rest.stood} vehicles at rest", f"{rest.right} told", f"{rest.wrong} said to have moved",
        f"{rest.unknown} not told, {rest.unseen} unseen",
    )  # fmt: skip
    table.add_row(
        f"{cuts.found.whole} cuts", f"{cuts.found.part} found", f"{cuts.carried} tracks go on over one",
        f"{cuts.found.whole - cuts.found.part} missed; {cuts.elsewhere} unlabelled",
    )  # fmt: skip
    unseen = paths.subjects - paths.seen
    table.add_row(f"{paths.subjects} paths", f"{paths.seen} seen", f"{paths.switches} switches", f"{unseen} unseen")
    return table


def _lamps(found: Report) -> Table:
    table = titled_table(
        "lamp states, seconds", ("heads",), ("labelled", "right", "wrong", "nothing said", "share right")
    )
    for lamp in found.lamps:
        unsaid = lamp.seconds - lamp.right - lamp.wrong
        seconds = (f"{value:.1f}" for value in (lamp.seconds, lamp.right, lamp.wrong, unsaid))
        table.add_row(f"{lamp.heads} of {lamp.size}", *seconds, number(lamp.share))
    return table


def _ground(drives: Sequence[DriveRow]) -> Table:
    headings = ("places", "off m", "off %", "too far %", "ego off m/s", "ego off %", "way", "others off m/s")
    table = titled_table("places and speeds on drives, medians", ("drive", "optics", "GPS"), headings)
    for each in drives:
        places, speeds = each.places, each.speeds
        table.add_row(
            each.drive, each.optics, _gps(each), str(places.sights), number(places.error_m),
            _percent(places.error_share), _percent(places.too_far_share), number(speeds.error_mps),
            _percent(speeds.error_share), number(speeds.distance_share, 3), number(speeds.vehicle_error_mps),
        )  # fmt: skip
    return table


def _rest(found: Report) -> Table:
    headings = ("stood", "told", "denied", "not told", "unseen", "moved", "held", "F1", "switches")
    table = titled_table("vehicles at rest on drives", ("drive", "optics", "GPS"), headings)
    for each in found.drives:
        table.add_row(each.drive, each.optics, _gps(each), *_rest_cells(each.rest), str(each.identity.switches))
    table.add_row("all", "", "any", *_rest_cells(found.drive_rest), "")
    return table


def _rest_cells(rest: RestScore) -> tuple[str, ...]:
    counts = (rest.stood, rest.right, rest.wrong, rest.unknown, rest.unseen, rest.moved, rest.held)
    return (*(str(count) for count in counts), number(rest.f1))


def _parked(drives: Sequence[DriveRow]) -> Table:
    headings = ("stood", "found", "sighted", "on moving", "on unlabelled", "findings", "insufficient")
    table = titled_table("parked vehicles where everything is restricted", ("drive",), headings)
    for each in drives:
        if (parked := each.parked) is not None:
            counts = (parked.standing, parked.found, parked.sighted, parked.moving, parked.unlabelled)
            table.add_row(each.drive, *(str(count) for count in (*counts, parked.findings, parked.insufficient)))
    return table


def _gps(drive: DriveRow) -> str:
    return "with" if drive.gps else "without"


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _of(found: Share, *, interval: bool = False) -> str:
    if found.whole == 0:
        return NOTHING
    return f"{found.part} of {found.whole}" + (
        f" ({found.interval[0]:.2f}–{found.interval[1]:.2f})" if interval else ""
    )


def _percent(value: float) -> str:
    return number(100 * value, 1)
