"""`patrol counts`: the API's tallies in the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select

from pipelines.incident import Grade, Kind
from service.cli.options import DatabaseUrl, Home, command, opened_results
from service.count_report import counts_csv, report, table_columns, table_row
from service.counts import By, Tally, count, parse_by
from service.filters import IncidentFilters, parse_bbox
from service.review import Status
from service.tables import IncidentRow
from service.times import parse_time, rfc3339


class Output(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


ByOption = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="NAMES",
        help=f"Any of {', '.join(By)}, with commas or repeated. Default: place,kind.",
        show_default=False,
    ),
]
Kinds = Annotated[
    list[Kind] | None, typer.Option("--kind", metavar="KIND", help=f"Only this; repeatable: {', '.join(Kind)}.")
]
Statuses = Annotated[
    list[Status] | None, typer.Option("--status", metavar="STATUS", help=f"Only this; repeatable: {', '.join(Status)}.")
]
Grades = Annotated[
    list[Grade] | None, typer.Option("--grade", metavar="GRADE", help=f"Only this; repeatable: {', '.join(Grade)}.")
]
Places = Annotated[list[str] | None, typer.Option("--place", metavar="ID", help="Only here, or unplaced; repeatable.")]
Cameras = Annotated[list[str] | None, typer.Option("--camera", metavar="NAME", help="Only seen by it; repeatable.")]
Drives = Annotated[list[str] | None, typer.Option("--drive", metavar="ID", help="Only seen on it; repeatable.")]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="From: 7d, 12h, or 2026-11-24T08:00:00+08:00.", show_default=False)
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Before: as --since.", show_default=False)]
BboxOption = Annotated[
    str | None, typer.Option(metavar="BOX", help="minLon,minLat,maxLon,maxLat in degrees.", show_default=False)
]
Format = Annotated[Output, typer.Option("--format", metavar="FORMAT", help=f"How to show it: {', '.join(Output)}.")]


def register(app: typer.Typer) -> None:
    app.command("counts")(counts)


def counts(
    by: ByOption = None,
    kind: Kinds = None,
    status: Statuses = None,
    grade: Grades = None,
    place: Places = None,
    camera: Cameras = None,
    drive: Drives = None,
    since: Since = None,
    until: Until = None,
    bbox: BboxOption = None,
    output: Format = Output.TABLE,
    home: Home = None,
    database: DatabaseUrl = None,
) -> None:
    """Count distinct incidents. Rejected, duplicate, withdrawn and insufficient ones are left out unless asked for."""
    now = datetime.now(UTC)
    filters = IncidentFilters(
        kind=tuple(kind or ()),
        status=tuple(status or ()),
        grade=tuple(grade or ()),
        place=tuple(place or ()),
        camera=tuple(camera or ()),
        drive=tuple(drive or ()),
        since=None if since is None else parse_time(since, now),
        until=None if until is None else parse_time(until, now),
        bbox=None if bbox is None else parse_bbox(bbox),
    )
    names = parse_by(("place", "kind") if by is None else by)
    with opened_results(home, database) as db, db.read() as session:
        tallies = count(session, names, filters)
        is_empty = session.scalar(select(IncidentRow.id).limit(1)) is None
    match output:
        case Output.CSV:
            typer.echo(counts_csv(names, tallies), nl=False)
        case Output.JSON:
            typer.echo(json.dumps(report(names, filters, tallies, now), ensure_ascii=False, indent=1))
        case Output.TABLE:
            if tallies:
                _print_table(names, tallies, now)
            elif is_empty:
                typer.echo(f"Nothing to count yet.\nnext: {command('scan FOLDER', home, database)}")
            else:
                typer.echo("Nothing that counts passes these filters.")


def _print_table(names: Sequence[By], tallies: Sequence[Tally], now: datetime) -> None:
    console = Console(highlight=False)
    columns = table_columns(names)
    shown = [index for index, column in enumerate(columns) if column != "place_id"]
    table = Table()
    for index in shown:
        table.add_column(columns[index].replace("_", " "), justify="right" if index >= len(columns) - 2 else "left")
    for tally in tallies:
        row = table_row(names, tally)
        table.add_row(*(_shown(row[index]) for index in shown))
    console.print(table)
    unlooked = any(tally.count is None for tally in tallies)
    console.print(f"as of {rfc3339(now)}{'; a count of - where nobody is known to have looked' if unlooked else ''}")


def _shown(value: Any) -> str:
    return "-" if value is None else escape(str(value))
