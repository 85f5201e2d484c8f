"""`patrol serve`: the API and the review page."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from service import keys
from service.app import create_app
from service.cli.options import DatabaseUrl, Home, command, opened, settings_of
from service.errors import KeyRequired
from service.listen import listen, port_of
from service.settings import Settings

Host = Annotated[
    str | None, typer.Option(metavar="HOST", help="Address to listen on; default: 127.0.0.1.", show_default=False)
]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, metavar="PORT", help="Default: 8000.", show_default=False),
]
RequireKey = Annotated[bool, typer.Option("--require-key", metavar="", help="Ask for an API key on loopback too.")]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    home: Home = None,
    database: DatabaseUrl = None,
    host: Host = None,
    port: Port = None,
    require_key: RequireKey = False,
) -> None:
    """Serve the API and the review page. Beyond this machine only with an API key."""
    settings = settings_of(home, database, host=host, port=port, require_key=require_key or None)
    if settings.asks_for_key:
        refuse_without_key(settings, home, database)
    sockets = listen(settings.host, settings.port)
    app = create_app(settings)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"Review page: http://{shown}:{port_of(sockets)}/   API: /v1, described by /openapi.json")
    run(app, sockets)


def run(app: FastAPI, sockets: list[socket.socket]) -> None:
    """Serves until a signal ends it."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
    with suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        raise typer.Exit(3)


def refuse_without_key(settings: Settings, home: Path | None, database: str | None) -> None:
    """`home`, `database`: as the user gave them, for the advice."""
    with opened(home, database) as db, db.read() as session:
        if not keys.has_keys(session):
            advice = f"make one first: {command('keys add NAME', home, database)}"
            raise KeyRequired(f"no API key guards {settings.host}", advice=advice)
