"""Options that the commands with tallies share: where, when, and how to show it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape

from service.filters import parse_bbox
from service.times import parse_time


class Output(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Places = Annotated[list[str] | None, typer.Option("--place", metavar="ID", help="Only here, or unplaced; repeatable.")]
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


def where_and_when(
    place: list[str] | None,
    camera: list[str] | None,
    drive: list[str] | None,
    since: str | None,
    until: str | None,
    bbox: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The fields that all filters share. Raises `BadQuery` for a time or a box that is none."""
    return {
        "place": tuple(place or ()),
        "camera": tuple(camera or ()),
        "drive": tuple(drive or ()),
        "since": None if since is None else parse_time(since, now),
        "until": None if until is None else parse_time(until, now),
        "bbox": None if bbox is None else parse_bbox(bbox),
    }


def shown(value: Any) -> str:
    return "-" if value is None else escape(str(value))
