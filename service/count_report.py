"""Tallies as JSON, GeoJSON and CSV; the API and `patrol counts` say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import h3
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.counts import By, Tally
from service.csv_text import csv_text
from service.filters import IncidentFilters
from service.places import UNPLACED
from service.tables import PlaceRow
from service.times import rfc3339


def report(by: Sequence[By], filters: IncidentFilters, tallies: Sequence[Tally], as_of: datetime) -> dict[str, Any]:
    return {
        "as_of": rfc3339(as_of),
        "by": [name.value for name in by],
        "filters": _told(filters),
        "rows": [_row(by, tally) for tally in tallies],
    }


def _told(filters: IncidentFilters) -> dict[str, Any]:
    """The filters that say something, as understood: ages are instants by now."""
    told = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name: _plain(value) for name, value in told.items() if value not in ((), None)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    return [item if isinstance(item, float) else str(item) for item in value] if isinstance(value, tuple) else value


def _row(by: Sequence[By], tally: Tally) -> dict[str, Any]:
    keys = {name.value: getattr(tally, name.value) for name in by}
    if By.PLACE in by:
        keys["place"] = None if tally.place is None else asdict(tally.place)
    return {**keys, "count": tally.count, "unreviewed": tally.unreviewed}


def counts_csv(by: Sequence[By], tallies: Sequence[Tally]) -> str:
    return csv_text(table_columns(by), [table_row(by, tally) for tally in tallies])


def table_columns(by: Sequence[By]) -> list[str]:
    keys = [column for name in by for column in (("place_id", "place_name") if name is By.PLACE else (name.value,))]
    return [*keys, "count", "unreviewed"]


def table_row(by: Sequence[By], tally: Tally) -> list[Any]:
    keys: list[Any] = []
    for name in by:
        if name is not By.PLACE:
            keys.append(getattr(tally, name.value))
        elif tally.place is None:
            keys += [UNPLACED, UNPLACED]
        else:
            keys += [tally.place.id, tally.place.name]
    return [*keys, tally.count, tally.unreviewed]


def geometries_of(session: Session, tallies: Sequence[Tally]) -> dict[str, Any]:
    """GeoJSON geometry of each place that is counted, by id."""
    wanted = {tally.place.id for tally in tallies if tally.place is not None and tally.place.level != "h3"}
    rows = session.execute(select(PlaceRow.id, PlaceRow.geometry))
    return {place: geometry for place, geometry in rows if place in wanted}


def counts_geojson(by: Sequence[By], tallies: Sequence[Tally], geometries: Mapping[str, Any]) -> dict[str, Any]:
    """Each row a feature with the area it is about; null geometry where it is about no single area."""
    features = [
        {"type": "Feature", "geometry": _geometry(tally, geometries), "properties": _row(by, tally)}
        for tally in tallies
    ]
    return {"type": "FeatureCollection", "features": features}


def _geometry(tally: Tally, geometries: Mapping[str, Any]) -> Any:
    cell = tally.h3 or (tally.place.id if tally.place is not None and tally.place.level == "h3" else None)
    if cell is not None:
        ring = [[lon, lat] for lat, lon in h3.cell_to_boundary(cell)]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return None if tally.place is None else geometries.get(tally.place.id)
