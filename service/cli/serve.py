"""`patrol serve`: the API and the review page."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from service import keys
from service.app import create_app
from service.cli.options import DatabaseUrl, Home, opened, settings_of
from service.errors import KeyRequired
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
    refuse_without_key(settings)
    app = create_app(settings)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    Console().print(
        f"Review page: http://{shown}:{settings.port}/   API: /v1, described by /openapi.json", highlight=False
    )
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", server_header=False)


def refuse_without_key(settings: Settings) -> None:
    if not settings.asks_for_key:
        return
    with opened(settings.home, settings.database) as database, database.read() as session:
        if not keys.has_keys(session):
            raise KeyRequired(f"no API key guards {settings.host}", advice="make one first: patrol keys add NAME")
