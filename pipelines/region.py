"""No-parking and no-stopping areas on the map, from GeoJSON. docs/site-files.md."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import ConfigDict, Field, TypeAdapter
from shapely.geometry.base import BaseGeometry

from pipelines.errors import RegionError
from pipelines.geojson import area_of, read_collection, read_features
from pipelines.site import Hours, Restriction
from vision.gps.track import Datum

_DEGREE_M = 111_320.0


@dataclass(frozen=True, slots=True)
class _Properties:
    # Maps carry many more properties than ours: those are left alone.
    __pydantic_config__ = ConfigDict(extra="ignore")

    kind: Restriction
    name: str = ""
    source: str = "region file"
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class _Feature:
    __pydantic_config__ = ConfigDict(extra="ignore")

    type: Literal["Feature"]
    properties: _Properties
    geometry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Collection:
    __pydantic_config__ = ConfigDict(extra="ignore")

    type: Literal["FeatureCollection"]
    features: Annotated[tuple[_Feature, ...], Field()]
    datum: Datum = "wgs84"


@dataclass(frozen=True, slots=True)
class Area:
    """One restricted area; `polygon` in WGS 84 lon / lat. `hours`: OSM opening_hours, local time; None: always."""

    name: str
    kind: Restriction
    polygon: BaseGeometry
    source: str
    hours: str | None


@dataclass(frozen=True)
class Region:
    areas: tuple[Area, ...]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree([area.polygon for area in self.areas])

    def near(self, lon: float, lat: float, radius_m: float) -> tuple[Area, ...]:
        """Areas that reach into the box of `radius_m` around a WGS 84 point."""
        high = radius_m / _DEGREE_M
        wide = high / max(float(np.cos(np.radians(lat))), 0.01)
        hits = self._tree.query(shapely.box(lon - wide, lat - high, lon + wide, lat + high))
        return tuple(self.areas[row] for row in sorted(hits.tolist()))


_SCHEMA = TypeAdapter(_Collection)


def load_region(path: Path) -> Region:
    """Raises `RegionError` naming the feature and property that is wrong."""
    advice = "a region file is a GeoJSON FeatureCollection of polygons, see docs/site-files.md"
    collection = read_collection(path, _SCHEMA, RegionError, advice)
    datum = collection.datum
    return Region(read_features(path, collection.features, lambda each: _area(each, datum), RegionError, advice))


def _area(feature: _Feature, datum: Datum) -> Area:
    polygon, properties = area_of(feature.geometry, datum), feature.properties
    return Area(properties.name, properties.kind, polygon, properties.source, properties.hours)
