"""Coverage as JSON, GeoJSON and CSV; the API and `patrol coverage` say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from service.areas import area_of
from service.coverage import Coverage, CoverageBy, CoverageFilters
from service.csv_text import csv_text
from service.filters import told
from service.times import rfc3339

NUMBERS: Final = ("cells", "seconds", "passes", "quality", "last_seen")


def report(
    by: Sequence[CoverageBy], filters: CoverageFilters, rows: Sequence[Coverage], as_of: datetime
) -> dict[str, Any]:
    return {
        "as_of": rfc3339(as_of),
        "by": [name.value for name in by],
        "filters": told(filters),
        "rows": [_row(by, row) for row in rows],
    }


def _row(by: Sequence[CoverageBy], row: Coverage) -> dict[str, Any]:
    keys = {name.value: getattr(row, name.value) for name in by}
    if row.place is not None:
        keys["place"] = asdict(row.place)
    return {**keys, "sought": row.sought, **_numbers(row)}


def _numbers(row: Coverage) -> dict[str, Any]:
    last = None if row.last_seen is None else rfc3339(row.last_seen)
    return {name: getattr(row, name) for name in NUMBERS} | {"last_seen": last}


def coverage_csv(by: Sequence[CoverageBy], rows: Sequence[Coverage]) -> str:
    return csv_text(table_columns(by), [table_row(by, row) for row in rows])


def table_columns(by: Sequence[CoverageBy]) -> list[str]:
    keys = [key for name in by for key in (("place_id", "place_name") if name is CoverageBy.PLACE else (name.value,))]
    return [*keys, "sought", *NUMBERS]


def table_row(by: Sequence[CoverageBy], row: Coverage) -> list[Any]:
    keys: list[Any] = []
    for name in by:
        if name is CoverageBy.PLACE and row.place is not None:
            keys += [row.place.id, row.place.name]
        else:
            keys.append(getattr(row, name.value))
    return [*keys, row.sought, *_numbers(row).values()]


def coverage_geojson(
    by: Sequence[CoverageBy], rows: Sequence[Coverage], geometries: Mapping[str, Any]
) -> dict[str, Any]:
    """Each row a feature with the area it is about; null geometry where it is about no single area."""
    features = [
        {"type": "Feature", "geometry": area_of(row.place, row.h3, geometries), "properties": _row(by, row)}
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}
