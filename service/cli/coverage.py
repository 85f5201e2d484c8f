"""`patrol coverage`: how long, how often and how well places were looked at, in the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from service.breakdown import parse_by
from service.cli.options import DatabaseUrl, Home, opened_results
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
from service.coverage import Coverage, CoverageBy, CoverageFilters
from service.coverage import coverage as coverage_of
from service.coverage_report import coverage_csv, report, table_columns, table_row
from service.errors import BadQuery
from service.filters import where_and_when
from service.times import rfc3339
from vision.quality.coverage import Sought

ByOption = Annotated[list[str] | None, by_option(CoverageBy, "place")]
Places = Annotated[
    list[str] | None,
    typer.Option("--place", metavar="ID", help="Only here: an imported place, or an H3 cell; repeatable."),
]
SoughtOption = Annotated[
    list[str] | None,
    typer.Option(
        "--sought",
        metavar="WHAT",
        help=f"Only where this would be found: {', '.join(get_args(Sought))}; repeatable. Default: each.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    app.command("coverage")(coverage)


def coverage(
    by: ByOption = None,
    sought: SoughtOption = None,
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
    """Tell how long, in how many passes and how well places were seen: what counts are to be divided by."""
    now = datetime.now(UTC)
    filters = CoverageFilters(
        sought=_sought(sought or ()), **where_and_when(place, camera, drive, since, until, bbox, now)
    )
    names = parse_by(("place",) if by is None else by, CoverageBy)
    with opened_results(home, database) as db, db.read() as session:
        rows = coverage_of(session, names, filters)
    match output:
        case Output.CSV:
            typer.echo(coverage_csv(names, rows), nl=False)
        case Output.JSON:
            typer.echo(json.dumps(report(names, filters, rows, now), ensure_ascii=False, indent=1))
        case Output.TABLE:
            if rows:
                _print_table(names, rows, now)
            else:
                typer.echo("No footage with a position passes these filters.")


def _sought(words: Sequence[str]) -> tuple[Sought, ...]:
    known = {str(each): each for each in get_args(Sought)}
    if unknown := [word for word in words if word not in known]:
        raise BadQuery(f"nobody looks for {unknown[0]!r}", advice=f"any of {', '.join(known)}")
    return tuple(known[word] for word in words)


def _print_table(names: Sequence[CoverageBy], rows: Sequence[Coverage], now: datetime) -> None:
    console = Console(highlight=False)
    columns = table_columns(names)
    columns_shown = [index for index, column in enumerate(columns) if column != "place_id"]
    table = Table()
    for index in columns_shown:
        is_number = columns[index] in ("cells", "seconds", "passes", "quality")
        table.add_column(columns[index].replace("_", " "), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        *values, last = table_row(names, row)
        values.append(last and last[: len("2026-11-24")])  # the day is enough to read, and leaves room for names
        table.add_row(*(shown(values[index]) for index in columns_shown))
    console.print(table)
    unseen = any(row.cells is None for row in rows)
    console.print(
        "seconds, passes and quality: of a cell of some 300 m² that was seen, on average"
        f"{'; - where nobody is known to have looked' if unseen else ''}\nas of {rfc3339(now)}"
    )
