"""The query parameters that lists and tallies share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from pipelines.incident import Grade, Kind
from service.api.context import Ctx
from service.filters import IncidentFilters, parse_bbox
from service.review import Status
from service.times import parse_time

_TIME = {"ago": {"value": "7d"}, "instant": {"value": "2026-11-24T08:00:00Z"}}
_NO_NUL = r"^[^\x00]*$"
_TIME_PATTERN = r"^(\d{1,6}[mhdw]|\d{4}-\d\d-\d\dT.+)$"


def _filters(
    context: Ctx,
    kind: Annotated[list[Kind], Query(description="any of these")] = [],  # noqa: B006 (FastAPI copies it)
    status: Annotated[list[Status], Query()] = [],  # noqa: B006
    grade: Annotated[list[Grade], Query()] = [],  # noqa: B006
    place: Annotated[
        list[Annotated[str, Query(max_length=300, pattern=_NO_NUL)]], Query(description='place ids, or "unplaced"')
    ] = [],  # noqa: B006
    camera: Annotated[list[Annotated[str, Query(max_length=200, pattern=_NO_NUL)]], Query()] = [],  # noqa: B006
    drive: Annotated[list[Annotated[str, Query(max_length=200, pattern=_NO_NUL)]], Query()] = [],  # noqa: B006
    since: Annotated[
        str | None,
        Query(description="start at or after: RFC 3339, or an age", pattern=_TIME_PATTERN, openapi_examples=_TIME),
    ] = None,
    until: Annotated[str | None, Query(description="start before: RFC 3339, or an age", pattern=_TIME_PATTERN)] = None,
    bbox: Annotated[
        str | None,
        Query(
            description="minLon,minLat,maxLon,maxLat, WGS 84",
            pattern=r"^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$",
            examples=["120.0,30.1,120.3,30.4"],
        ),
    ] = None,
) -> IncidentFilters:
    now = context.now()
    return IncidentFilters(
        kind=tuple(kind),
        status=tuple(status),
        grade=tuple(grade),
        place=tuple(place),
        camera=tuple(camera),
        drive=tuple(drive),
        since=None if since is None else parse_time(since, now),
        until=None if until is None else parse_time(until, now),
        bbox=None if bbox is None else parse_bbox(bbox),
    )


Filters = Annotated[IncidentFilters, Depends(_filters)]
