"""`patrol evaluate`: how well a network sees, and how right the whole product is."""

from __future__ import annotations

import typer

from service.cli import evaluate_clips, evaluate_drives, evaluate_network


def register(app: typer.Typer) -> None:
    commands = typer.Typer(help="Measure a network, or the whole product, against labels.", no_args_is_help=True)
    evaluate_network.register(commands)
    evaluate_clips.register(commands)
    evaluate_drives.register(commands)
    app.add_typer(commands, name="evaluate")
