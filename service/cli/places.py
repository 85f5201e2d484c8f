"""`patrol places`: the areas incidents are counted at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select

from service.cli.options import DatabaseUrl, Home, command, opened, opened_results
from service.places import import_places, read_places
from service.tables import PlaceRow
from vision.gps.track import Datum

File = Annotated[Path, typer.Argument(help="GeoJSON FeatureCollection of polygons, each with a name.")]
DatumOption = Annotated[
    Datum | None,
    typer.Option(
        metavar="DATUM",
        help="Of the file's coordinates: wgs84, gcj02, bd09 or cgcs2000; default: its own word, else wgs84.",
    ),
]
Replace = Annotated[
    bool, typer.Option("--replace", metavar="", help="Remove stored places that the file does not have.")
]

commands = typer.Typer(help="Places that incidents are counted at.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(commands, name="places")


@commands.command("import")
def import_file(
    file: File,
    datum: DatumOption = None,
    replace: Replace = False,
    home: Home = None,
    database: DatabaseUrl = None,
) -> None:
    """Store the file's places and give every incident its place anew. A stored place of the same id is changed."""
    places = read_places(file, datum)
    with opened(home, database) as db, db.write() as session:
        done = import_places(session, places, replace=replace)
    removed = f", {done.removed} removed" if replace else ""
    stored = f"{len(places)} place{'' if len(places) == 1 else 's'} stored"
    moved = f"{done.moved} incident{' has' if done.moved == 1 else 's have'} a new place"
    typer.echo(f"{stored}{removed}, {moved}")
    typer.echo(f"next: {command('counts --by place', home, database)}")


@commands.command("list")
def list_all(home: Home = None, database: DatabaseUrl = None) -> None:
    """List imported places."""
    table = Table("id", "name", "level")
    with opened_results(home, database) as db, db.read() as session:
        for row in session.scalars(select(PlaceRow).order_by(PlaceRow.id)):
            table.add_row(escape(row.id), escape(row.name), escape(row.level or ""))
    Console().print(table)
