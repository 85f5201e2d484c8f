"""Where an incident is counted: the smallest imported area around it, else its H3 cell, else what the operator said."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import h3
import shapely
from pydantic import ConfigDict, Field, TypeAdapter
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pipelines.geojson import area_of, read_collection, read_features
from pipelines.incident import CELL_RESOLUTION
from service.database import chunks
from service.errors import PlacesError
from service.tables import CellRow, IncidentRow, PlaceRow
from vision.gps.track import Datum

H3_RESOLUTION: Final = 10
UNPLACED: Final = "unplaced"
"""What a filter and a table call the lack of a place; in JSON it is null."""
H3_LEVEL: Final = "h3"
_NAMED: Final = "named"


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """`level`: of an imported area as its file says, "h3" for a cell, "named" for an operator's word."""

    id: str
    name: str
    level: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """An imported area; `polygon` in WGS 84."""

    ref: PlaceRef
    polygon: BaseGeometry


class PlaceIndex:
    """Imported places, the smallest first, so that a street wins over its district."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = sorted(places, key=lambda place: (place.polygon.area, place.ref.id))
        self._tree = shapely.STRtree([place.polygon for place in self._places])

    def place_of(self, lon: float | None, lat: float | None, hint: str | None) -> PlaceRef | None:
        """The hint counts only where there is no location."""
        if lon is None or lat is None:
            return None if hint is None else self._named(hint)
        area = self.area_around(lon, lat)
        if area is not None:
            return area
        cell = cell_of(lon, lat)
        return PlaceRef(cell, cell, H3_LEVEL)

    def area_around(self, lon: float, lat: float) -> PlaceRef | None:
        """The smallest imported place that holds the point."""
        inside = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        return self._places[int(inside.min())].ref if len(inside) else None

    def _named(self, hint: str) -> PlaceRef:
        for place in self._places:
            if hint in (place.ref.id, place.ref.name):
                return place.ref
        return PlaceRef(f"{_NAMED}:{hint}", hint, _NAMED)


def cell_of(lon: float, lat: float) -> str:
    """That of resolution 10 around the point's cell of resolution 12, as coverage has it: H3's cells do not quite fill
    their parents, so that the point itself may lie in the next.
    """
    return str(h3.cell_to_parent(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION), H3_RESOLUTION))


def is_cell(place: str) -> bool:
    """Whether it is the id of a place that is a cell, as `cell_of` writes it."""
    is_one = h3.is_valid_cell(place) and h3.get_resolution(place) == H3_RESOLUTION
    return bool(is_one and h3.cell_to_parent(place, H3_RESOLUTION) == place)


def note_cells(session: Session, cells: Collection[str], index: PlaceIndex) -> None:
    """Stores those of these H3 cells that are not known yet, each with its place."""
    for some in chunks(cells):
        known = set(session.scalars(select(CellRow.cell).where(CellRow.cell.in_(some))))
        session.add_all(_cell_row(cell, index) for cell in some if cell not in known)
    session.flush()


def _cell_row(cell: str, index: PlaceIndex) -> CellRow:
    lat, lon = h3.cell_to_latlng(cell)
    row = CellRow(cell=cell, h3=h3.cell_to_parent(cell, H3_RESOLUTION), lon=lon, lat=lat)
    _place_cell(row, index)
    return row


def _place_cell(row: CellRow, index: PlaceIndex) -> None:
    area = index.area_around(row.lon, row.lat)
    row.place_id = None if area is None else area.id


def load_index(session: Session) -> PlaceIndex:
    rows = session.scalars(select(PlaceRow))
    return PlaceIndex([Place(PlaceRef(row.id, row.name, row.level), shape(row.geometry)) for row in rows])


@dataclass(frozen=True, slots=True)
class Imported:
    """`moved`: incidents that changed their place. `removed`: places that are no more."""

    moved: int
    removed: int


def import_places(
    session: Session, places: Sequence[Place], *, replace: bool = False, now: datetime | None = None
) -> Imported:
    """Stores places (an id that is there is changed) and gives every incident its place anew.

    replace: remove the places stored before that are not among these. Those who follow `updated_since` are told of
    every incident that moved.
    """
    removed = _remove_others(session, places) if replace else 0
    for place in places:
        west, south, east, north = place.polygon.bounds
        geometry: dict[str, Any] = json.loads(json.dumps(mapping(place.polygon)))
        session.merge(
            PlaceRow(
                id=place.ref.id,
                name=place.ref.name,
                level=place.ref.level,
                geometry=geometry,
                west=west,
                south=south,
                east=east,
                north=north,
            )
        )
    session.flush()
    return Imported(_place_again(session, now or datetime.now(UTC)), removed)


def _remove_others(session: Session, places: Sequence[Place]) -> int:
    gone = set(session.scalars(select(PlaceRow.id))) - {place.ref.id for place in places}
    for some in chunks(gone):
        session.execute(delete(PlaceRow).where(PlaceRow.id.in_(some)))
    return len(gone)


def _place_again(session: Session, now: datetime) -> int:
    index, changed = load_index(session), 0
    for row in session.scalars(select(IncidentRow).execution_options(yield_per=500)):
        if place_row(row, index):
            row.updated_at = now
            changed += 1
    for cell in session.scalars(select(CellRow).execution_options(yield_per=5000)):
        _place_cell(cell, index)
    return changed


def place_row(row: IncidentRow, index: PlaceIndex) -> bool:
    """Whether its place changed."""
    place = index.place_of(row.lon, row.lat, row.place_hint)
    before = (row.place_id, row.place_name, row.place_level)
    after = (place.id, place.name, place.level) if place else (None, None, None)
    if before == after:
        return False
    row.place_id, row.place_name, row.place_level = after
    return True


@dataclass(frozen=True, slots=True)
class _Properties:
    # City maps carry many more properties than ours.
    __pydantic_config__ = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    id: Annotated[str, Field(max_length=200)] | None = None
    level: Annotated[str, Field(max_length=100)] | None = None


@dataclass(frozen=True, slots=True)
class _Feature:
    __pydantic_config__ = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    type: Literal["Feature"]
    properties: _Properties
    geometry: dict[str, Any]
    id: Annotated[str, Field(max_length=200)] | None = None


@dataclass(frozen=True, slots=True)
class _Collection:
    __pydantic_config__ = ConfigDict(extra="ignore")

    type: Literal["FeatureCollection"]
    features: Annotated[tuple[_Feature, ...], Field(min_length=1)]
    datum: Datum | None = None


_SCHEMA = TypeAdapter(_Collection)


def read_places(path: Path, datum: Datum | None = None) -> tuple[Place, ...]:
    """Places of a GeoJSON file. `datum`: of its coordinates; None: as its own member `datum` says, else WGS 84.

    Raises `PlacesError` naming the feature that is wrong.
    """
    advice = "a places file is a GeoJSON FeatureCollection of polygons, each with a name"
    collection = read_collection(path, _SCHEMA, PlacesError, advice)
    of_file = datum or collection.datum or "wgs84"
    places = read_features(path, collection.features, lambda each: _place(each, of_file), PlacesError, advice)
    _refuse_double_ids(path, places)
    _refuse_reserved(path, places)
    return places


def _refuse_double_ids(path: Path, places: Sequence[Place]) -> None:
    seen: set[str] = set()
    for place in places:
        if place.ref.id in seen:
            raise PlacesError(f"{path}: two places have the id {place.ref.id}", advice="give each its own id property")
        seen.add(place.ref.id)


def _refuse_reserved(path: Path, places: Sequence[Place]) -> None:
    """What lies in no imported place goes by these."""
    for row, ref in enumerate(place.ref for place in places):
        if ref.id == UNPLACED or ref.id.startswith(f"{_NAMED}:") or h3.is_valid_cell(ref.id):
            raise PlacesError(
                f"{path}: features.{row}: the id {ref.id} is reserved", advice="give it another id property"
            )
        if ref.level in (H3_LEVEL, _NAMED):
            raise PlacesError(f"{path}: features.{row}: the level {ref.level} is reserved", advice="call it otherwise")


def _place(feature: _Feature, datum: Datum) -> Place:
    names = feature.properties
    ref = PlaceRef(names.id or feature.id or names.name, names.name, names.level)
    return Place(ref, area_of(feature.geometry, datum))
