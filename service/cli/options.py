"""Options that the commands over the database share."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy import make_url

from models.errors import BadUse
from pipelines.site import first_problem
from service.database import Database, is_there, open_database
from service.settings import Settings

Home = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the results; also PATROL_HOME.", metavar="FOLDER", file_okay=False, show_default=False
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="Database address; also PATROL_DATABASE. Default: SQLite in the home folder."
    ),
]

AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON instead of tables.")]


def settings_of(home: Path | None, database: str | None, **more: Any) -> Settings:
    """Options win over the environment, that over the defaults."""
    given = {"home": home, "database": database} | more
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        advice = "see the options, and the environment variables PATROL_..."
        raise BadUse(f"settings: {first_problem(error)}", advice=advice) from error


def check_folder_of(out: Path | None) -> None:
    """Raises `BadUse` where there is no folder for the file to write, before any work is done for it (`--out`)."""
    if out is not None and not out.parent.is_dir():
        raise BadUse(f"--out {out}: there is no folder {out.parent}", advice="make it first")
    if out is not None and out.is_dir():
        raise BadUse(f"--out {out}: a folder", advice="name a file in it")


@contextmanager
def opened(home: Path | None, database: str | None) -> Iterator[Database]:
    opened_database = open_database(settings_of(home, database).database_url)
    try:
        yield opened_database
    finally:
        opened_database.close()


@contextmanager
def opened_results(home: Path | None, database: str | None) -> Iterator[Database]:
    """`opened` for those who only read. Raises `BadUse` where there is no database, rather than make an empty one."""
    settings = settings_of(home, database)
    if not is_there(settings.database_url):
        where, option = (settings.home, "--home") if settings.database is None else (settings.database, "--database")
        raise BadUse(
            f"no results in {where}", advice=f"check {option}, or begin: {command('scan FOLDER', home, database)}"
        )
    with opened(home, database) as found:
        yield found


def command(words: str, home: Path | None, database: str | None = None) -> str:
    """What to type to go on with the same results. `home`, `database`: as they were given; a password is not shown."""
    line = f"patrol {words}"
    if home is not None:
        line += f" --home {shlex.quote(str(home))}"
    if database is not None:
        line += f" --database {shlex.quote(make_url(database).render_as_string(hide_password=True))}"
    return line
