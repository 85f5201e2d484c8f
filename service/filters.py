"""Which incidents a question is about: the filters that lists and tallies share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from pipelines.incident import Grade, Kind
from service.errors import BadQuery
from service.places import UNPLACED
from service.review import Status
from service.tables import IncidentRow
from service.times import parse_time, rfc3339

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Bbox = tuple[float, float, float, float]
Coordinate = InstrumentedAttribute[float] | InstrumentedAttribute[float | None]


@dataclass(frozen=True, slots=True)
class IncidentFilters:
    """Empty or None: everything. `since` <= start < `until`. `bbox`: west, south, east, north in WGS 84 degrees; west
    > east crosses the antimeridian. `place`: ids, or "unplaced".
    """

    kind: tuple[Kind, ...] = ()
    status: tuple[Status, ...] = ()
    grade: tuple[Grade, ...] = ()
    place: tuple[str, ...] = ()
    camera: tuple[str, ...] = ()
    drive: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    bbox: Bbox | None = None


class WhereAndWhen(TypedDict):
    """The fields that all filters share, as in `IncidentFilters`."""

    place: tuple[str, ...]
    camera: tuple[str, ...]
    drive: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    bbox: Bbox | None


def where_and_when(
    place: Sequence[str] | None,
    camera: Sequence[str] | None,
    drive: Sequence[str] | None,
    since: str | None,
    until: str | None,
    bbox: str | None,
    now: datetime,
) -> WhereAndWhen:
    """As people and programs ask for it. Raises `BadQuery` for a time or a box that is none."""
    return {
        "place": tuple(place or ()),
        "camera": tuple(camera or ()),
        "drive": tuple(drive or ()),
        "since": None if since is None else parse_time(since, now),
        "until": None if until is None else parse_time(until, now),
        "bbox": None if bbox is None else parse_bbox(bbox),
    }


def parse_bbox(text: str) -> Bbox:
    """`minLon,minLat,maxLon,maxLat` as OGC API - Features has it. Raises `BadQuery`."""
    advice = "write minLon,minLat,maxLon,maxLat in degrees"
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQuery(f"{text!r} is not a bbox", advice=advice) from error
    inside = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    if not inside:  # also for NaN
        raise BadQuery(f"{text!r} is not a bbox on this globe", advice=advice)
    return west, south, east, north


def conditions(filters: IncidentFilters) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    for column, wanted in (
        (IncidentRow.kind, filters.kind),
        (IncidentRow.status, filters.status),
        (IncidentRow.grade, filters.grade),
        (IncidentRow.camera, filters.camera),
        (IncidentRow.drive, filters.drive),
    ):
        if wanted:
            terms.append(column.in_([str(value) for value in wanted]))
    if filters.place:
        terms.append(_in_places(filters.place))
    if filters.since is not None:
        terms.append(IncidentRow.start_utc >= filters.since)
    if filters.until is not None:
        terms.append(IncidentRow.start_utc < filters.until)
    if filters.updated_since is not None:
        terms.append(IncidentRow.updated_at >= filters.updated_since)
    if filters.bbox is not None:
        terms += in_bbox(IncidentRow.lon, IncidentRow.lat, filters.bbox)
    return terms


def _in_places(wanted: tuple[str, ...]) -> ColumnElement[bool]:
    named = IncidentRow.place_id.in_([place for place in wanted if place != UNPLACED])
    return or_(named, IncidentRow.place_id.is_(None)) if UNPLACED in wanted else named


def in_bbox(lon: Coordinate, lat: Coordinate, bbox: Bbox) -> list[ColumnElement[bool]]:
    west, south, east, north = bbox
    across = lon >= west, lon <= east
    return [lat.between(south, north), *(across if west <= east else (or_(*across),))]


def told(filters: DataclassInstance) -> dict[str, Any]:
    """The filters that say something, as JSON and as understood: ages are instants by now."""
    given = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name: _plain(value) for name, value in given.items() if value not in ((), None)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    return [item if isinstance(item, float) else str(item) for item in value] if isinstance(value, tuple) else value
