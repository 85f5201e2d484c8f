"""`patrol counts`: the API's tallies in the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.incident import Grade, Kind
from service.breakdown import parse_by
from service.cli.options import DatabaseUrl, Home, command, opened_results
from service.cli.report_options import (
    BboxOption,
    Cameras,
    Drives,
    Format,
    Output,
    Since,
    Until,
    by_option,
    shown,
)
from service.count_report import counts_csv, report, table_columns, table_row
from service.counts import By, Tally, count
from service.filters import IncidentFilters, where_and_when
from service.review import Status
from service.tables import IncidentRow
from service.times import rfc3339

ByOption = Annotated[list[str] | None, by_option(By, "place,kind")]
Places = Annotated[list[str] | None, typer.Option("--place", metavar="ID", help="Only here, or unplaced; repeatable.")]
Kinds = Annotated[
    list[Kind] | None, typer.Option("--kind", metavar="KIND", help=f"Only this; repeatable: {', '.join(Kind)}.")
]
Statuses = Annotated[
    list[Status] | None, typer.Option("--status", metavar="STATUS", help=f"Only this; repeatable: {', '.join(Status)}.")
]
Grades = Annotated[
    list[Grade] | None, typer.Option("--grade", metavar="GRADE", help=f"Only this; repeatable: {', '.join(Grade)}.")
]


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
        **where_and_when(place, camera, drive, since, until, bbox, now),
    )
    names = parse_by(("place", "kind") if by is None else by, By)
    with opened_results(home, database) as db, db.read() as session:
        tallies = count(session, names, filters)
        nothing = "" if tallies else _nothing(session, filters, home, database)
    match output:
        case Output.CSV:
            typer.echo(counts_csv(names, tallies), nl=False)
        case Output.JSON:
            typer.echo(json.dumps(report(names, filters, tallies, now), ensure_ascii=False, indent=1))
        case Output.TABLE:
            if tallies:
                _print_table(names, tallies, now)
            else:
                typer.echo(nothing)


def _nothing(session: Session, filters: IncidentFilters, home: Path | None, database: str | None) -> str:
    """Why there is no tally."""
    if session.scalar(select(IncidentRow.id).limit(1)) is None:
        return f"Nothing to count yet.\nnext: {command('scan FOLDER', home, database)}"
    if filters != IncidentFilters():
        return "Nothing that counts passes these filters."
    (insufficient,) = count(session, (), IncidentFilters(grade=(Grade.INSUFFICIENT,)))
    if not insufficient.count:
        return "Nothing counts: all is rejected, duplicate or withdrawn."
    asked = command("counts --grade insufficient", home, database)
    return f"Nothing counts yet: {insufficient.count} insufficient ({asked}; docs/site-files.md)."


def _print_table(names: Sequence[By], tallies: Sequence[Tally], now: datetime) -> None:
    console = Console(highlight=False)
    columns = table_columns(names)
    columns_shown = [index for index, column in enumerate(columns) if column != "place_id"]
    table = Table()
    for index in columns_shown:
        table.add_column(columns[index].replace("_", " "), justify="right" if index >= len(columns) - 2 else "left")
    for tally in tallies:
        row = table_row(names, tally)
        table.add_row(*(shown(row[index]) for index in columns_shown))
    console.print(table)
    unlooked = any(tally.count is None for tally in tallies)
    console.print(f"as of {rfc3339(now)}{'; a count of - where nobody is known to have looked' if unlooked else ''}")
