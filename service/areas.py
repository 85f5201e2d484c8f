"""The areas that rows of a report are about, as GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import h3
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.places import H3_LEVEL, PlaceRef
from service.tables import PlaceRow


def geometries_of(session: Session, places: Iterable[PlaceRef | None]) -> dict[str, Any]:
    """GeoJSON geometry of each imported place, by id."""
    wanted = {place.id for place in places if place is not None and place.level != H3_LEVEL}
    rows = session.execute(select(PlaceRow.id, PlaceRow.geometry))
    return {place: geometry for place, geometry in rows if place in wanted}


def area_of(place: PlaceRef | None, cell: str | None, geometries: Mapping[str, Any]) -> Any:
    """Of the H3 cell, else of the place; None for what is about no single area."""
    if cell is None and place is not None and place.level == H3_LEVEL:
        cell = place.id
    if cell is not None:
        ring = [[lon, lat] for lat, lon in h3.cell_to_boundary(cell)]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return None if place is None else geometries.get(place.id)
