"""Tallies as JSON, GeoJSON and CSV; the API and `patrol counts` say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from service.areas import area_of
from service.counts import By, Tally
from service.csv_text import csv_text
from service.filters import IncidentFilters, told
from service.places import UNPLACED
from service.times import rfc3339


def report(by: Sequence[By], filters: IncidentFilters, tallies: Sequence[Tally], as_of: datetime) -> dict[str, Any]:
    return {
        "as_of": rfc3339(as_of),
        "by": [name.value for name in by],
        "filters": told(filters),
        "rows": [_row(by, tally) for tally in tallies],
    }


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


def counts_geojson(by: Sequence[By], tallies: Sequence[Tally], geometries: Mapping[str, Any]) -> dict[str, Any]:
    """Each row a feature with the area it is about; null geometry where it is about no single area."""
    features = [
        {"type": "Feature", "geometry": area_of(tally.place, tally.h3, geometries), "properties": _row(by, tally)}
        for tally in tallies
    ]
    return {"type": "FeatureCollection", "features": features}
