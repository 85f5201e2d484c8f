"""Options that the commands with tallies share: where, when, and how to show it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape


class Output(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


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


def by_option(names: Iterable[str], default: str) -> Any:
    """The option `--by`. `default`: what it is without."""
    return typer.Option(
        "--by",
        metavar="NAMES",
        help=f"Any of {', '.join(names)}, with commas or repeated. Default: {default}.",
        show_default=False,
    )


def shown(value: Any) -> str:
    return "-" if value is None else escape(str(value))
