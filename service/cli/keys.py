"""`patrol keys`: who may use the service from other machines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service import keys
from service.cli.options import DatabaseUrl, Home, opened, opened_results
from service.times import rfc3339

Name = Annotated[str, typer.Argument(help="Whose key it is, e.g. car7 or office.", show_default=False)]

commands = typer.Typer(help="API keys of the service.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(commands, name="keys")


@commands.command("add")
def add(name: Name, home: Home = None, database: DatabaseUrl = None) -> None:
    """Make a key. It is shown once and stored as a hash only."""
    with opened(home, database) as db, db.write() as session:
        token = keys.add_key(session, name, datetime.now(UTC))
    typer.echo(token)
    Console(stderr=True).print("Keep it now: it cannot be shown again. Send it as  Authorization: Bearer KEY")


@commands.command("list")
def list_all(home: Home = None, database: DatabaseUrl = None) -> None:
    """List names of keys, never the keys."""
    table = Table("name", "made", "revoked")
    with opened_results(home, database) as db, db.read() as session:
        for row in keys.list_keys(session):
            table.add_row(escape(row.name), rfc3339(row.created_at), rfc3339(row.revoked_at) if row.revoked_at else "")
    Console().print(table)


@commands.command("revoke")
def revoke(name: Name, home: Home = None, database: DatabaseUrl = None) -> None:
    """End a key at once."""
    with opened_results(home, database) as db, db.write() as session:
        keys.revoke_key(session, name, datetime.now(UTC))
    Console().print(f"revoked {escape(name)}")
