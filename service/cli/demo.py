"""`patrol demo`: a rendered patrol through the real scan, planted against found."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.batch.run import BatchOptions
from pipelines.incident import Grade, Kind
from pipelines.simulate.match import FalseAlarm, Found, Pair, Score, match
from pipelines.simulate.patrol import RenderedPatrol, render_patrol
from pipelines.simulate.truth import Planted, read_truth
from service.cli.options import Home, command, settings_of
from service.cli.scan import SOME_FAILED, default_workers, scan_into
from service.cli.scan_summary import print_summary
from service.counts import By, count
from service.database import open_database
from service.filters import IncidentFilters
from service.places import import_places, read_places
from service.settings import Settings
from service.tables import FileRow, IncidentRow
from vision.footage.files import file_sha256, find_videos

# Of the tables where no terminal says how wide it is.
WIDTH = 110


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(home: Home = None) -> None:
    """Render a small patrol (made-up street, two cameras), scan it, and compare what was planted with what was found.

    Needs no camera and no footage. Results lie in the folder `demo` of the product's home unless --home is given;
    what was rendered and scanned before is not done again.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    settings = settings_of(home or settings_of(None, None).home / "demo", None)
    patrol = _rendered(console, settings.home / "footage")
    _import_places(settings, patrol.places)
    options = BatchOptions(home=settings.home, region=patrol.region, workers=default_workers(), settle_s=0.0)
    ending = scan_into(settings, [str(folder) for folder in patrol.videos], options, console)
    print_summary(console, ending, settings.home)
    _report(console, settings, patrol)
    raise typer.Exit(SOME_FAILED if ending.report.failed else 0)


def _rendered(console: Console, folder: Path) -> RenderedPatrol:
    began = time.monotonic()
    with console.status("rendering a patrol of two videos (once; about a minute)"):
        patrol = render_patrol(folder)
    if patrol.fresh:
        console.print(f"rendered in {time.monotonic() - began:.0f} s: {folder}", markup=False)
    else:
        console.print(f"rendered before: {folder}", markup=False)
    return patrol


def _import_places(settings: Settings, places: Path) -> None:
    database = open_database(settings.database_url)
    try:
        with database.write() as session:
            import_places(session, read_places(places, None))
    finally:
        database.close()


def _report(console: Console, settings: Settings, patrol: RenderedPatrol) -> None:
    truth = read_truth(patrol.truth)
    files = find_videos([str(folder) for folder in patrol.videos])
    hashes = [file_sha256(path) for path in files]
    videos = {path.name: path.parent.name for path in files}
    database = open_database(settings.database_url)
    try:
        with database.read() as session:
            found = _found(session, hashes)
            counts = _counts_table(session, hashes)
    finally:
        database.close()
    score = match(truth.planted, truth.look_alikes, found)
    console.print(_planted_table(truth.planted, score, videos))
    console.print(_totals(score, len(truth.look_alikes)))
    if score.false_alarms:
        console.print(_false_alarm_table(score.false_alarms, videos))
    console.print(counts)
    console.print("where to look next:")
    for line in (
        f"{command('serve', settings.home)}    # the review page",
        command("counts --by place,kind", settings.home),
        f"{patrol.folder}    the videos, and truth.json with all that was planted",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _found(session: Session, hashes: Sequence[str]) -> list[Found]:
    """What the database holds of these videos."""
    query = select(IncidentRow).where(IncidentRow.file_sha256.in_(hashes), ~IncidentRow.withdrawn)
    return [
        Found(
            Kind(row.kind),
            row.subtype,
            Grade(row.grade),
            tuple(row.missing),
            row.confidence,
            row.file_name,
            row.pts_start,
            row.pts_end,
            row.lon,
            row.lat,
            row.accuracy_m,
        )
        for row in session.scalars(query.order_by(IncidentRow.file_name, IncidentRow.pts_start))
    ]


def _planted_table(planted: Sequence[Planted], score: Score, videos: Mapping[str, str]) -> Table:
    table = Table("planted", "kind", "seen", "found", "grade", "off by", title="planted against found")
    pairs = {id(pair.planted): pair for pair in score.pairs}
    for one in planted:
        verdict, grade, distance = _outcome(one, pairs.get(id(one)))
        shown = _when(videos, one.file, one.start_s, one.end_s)
        table.add_row(one.name, _words(one.kind, one.subtype), shown, verdict, grade, distance)
    return table


def _outcome(planted: Planted, pair: Pair | None) -> tuple[str, str, str]:
    """Verdict, grade with what it lacks, metres off."""
    if pair is None:
        return "[red]missed[/]", "", ""
    found = pair.found
    expected = found.counted or planted.grade is Grade.INSUFFICIENT
    verdict = "[green]found[/]" if expected else "[yellow]sighted[/]"
    if found.subtype != planted.subtype:
        verdict += f" as {found.subtype}"
    grade = found.grade.value + (f"; no {', '.join(found.missing)}" if found.missing else "")
    return verdict, grade.replace("_", " "), "-" if pair.metres is None else f"{pair.metres:.1f} m"


def _when(videos: Mapping[str, str], file: str, start_s: float, end_s: float) -> str:
    return f"{videos.get(file, file)} {start_s:.0f}-{end_s:.0f} s"


def _words(kind: Kind, subtype: str | None) -> str:
    return kind.value.replace("_", " ") + (f": {subtype.replace('_', ' ')}" if subtype else "")


def _totals(score: Score, look_alikes: int) -> str:
    """`insufficient` ones are told apart: the evidence for them cannot be had from where the camera stood."""
    provable = [pair for pair in score.pairs if pair.planted.grade is not Grade.INSUFFICIENT]
    counted = sum(pair.found.counted for pair in provable)
    total = len(provable) + sum(one.grade is not Grade.INSUFFICIENT for one in score.missed)
    alarms = len(score.false_alarms)
    return (
        f"[bold]{counted} of {total}[/] provable incidents found, [bold]{alarms}[/] false alarm{'s' * (alarms != 1)} "
        f"beside {look_alikes} lawful or harmless look-alikes, {len(score.notes)} further notes that no tally counts"
    )


def _false_alarm_table(alarms: Sequence[FalseAlarm], videos: Mapping[str, str]) -> Table:
    table = Table("false alarm", "seen", "grade", "sure", "perhaps mistaken", title="found but not planted")
    for alarm in alarms:
        found, other = alarm.found, alarm.look_alike
        where = _when(videos, found.file, found.pts_start, found.pts_end)
        mistaken = f"{other.name}: {other.description}" if other else "nothing known there"
        table.add_row(_words(found.kind, found.subtype), where, found.grade.value, f"{found.confidence:.0%}", mistaken)
    return table


def _counts_table(session: Session, hashes: Sequence[str]) -> Table:
    drives = tuple(session.scalars(select(FileRow.drive).where(FileRow.sha256.in_(hashes)).distinct()))
    table = Table("place", "kind", "count", title="counts by place")
    for tally in count(session, (By.PLACE, By.KIND), IncidentFilters(drive=drives)):
        place = escape(tally.place.name) if tally.place else "unplaced"
        kind = _words(tally.kind, None) if tally.kind else ""
        table.add_row(place, kind, "-" if tally.count is None else str(tally.count))
    return table
