"""The `patrol` command. Each subcommand is one module with a `register(app)` function, listed here."""

from __future__ import annotations

import sys
from importlib import import_module

import typer
from rich.console import Console
from rich.text import Text

from models.errors import PatrolError

COMMANDS = (
    "scan",
    "inspect",
    "calibrate",
    "serve",
    "counts",
    "coverage",
    "places",
    "keys",
    "demo",
    "train",
    "train_lamps",
    "evaluate",
    "export",
)

app = typer.Typer(
    name="patrol",
    help="Reads dashcam footage in batches, finds street offences, counts them by place.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _register_commands() -> None:
    for name in COMMANDS:
        import_module(f"service.cli.{name}").register(app)


def main() -> None:
    """Entry point of the `patrol` script: expected failures become one line and an exit code."""
    _register_commands()
    try:
        app()
    except PatrolError as error:
        line = Text.assemble((f"patrol: {type(error).code}:", "red"), f" {error}")
        Console(stderr=True, highlight=False).print(line, soft_wrap=True)
        sys.exit(type(error).exit_code)
