"""GeoJSON files that people wrote: read as a whole or refused by naming the first thing that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from pydantic import TypeAdapter, ValidationError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from models.errors import PatrolError
from pipelines.site import first_problem
from vision.gps.datum import to_wgs84
from vision.gps.track import Datum

Collection = TypeVar("Collection")
Feature = TypeVar("Feature")
Read = TypeVar("Read")


def read_collection(path: Path, schema: TypeAdapter[Collection], refusal: type[PatrolError], advice: str) -> Collection:
    """Raises `refusal` naming the property that is wrong."""
    try:
        return schema.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise refusal(f"{path}: cannot be read: {error}", advice="give the path of a UTF-8 GeoJSON file") from error
    except json.JSONDecodeError as error:
        raise refusal(f"{path}: not valid JSON: {error}", advice=advice) from error
    except ValidationError as error:
        raise refusal(f"{path}: {_problem(error)}", advice=advice) from error


def _problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    if problem["type"] == "too_short" and problem["loc"] == ("features",):
        return "no features in it"
    return first_problem(error)


def read_features(
    path: Path,
    features: Sequence[Feature],
    read: Callable[[Feature], Read],
    refusal: type[PatrolError],
    advice: str,
) -> tuple[Read, ...]:
    """What `read` makes of each feature. Raises `refusal` naming the feature whose geometry cannot be used."""
    made = []
    for row, feature in enumerate(features):
        try:
            made.append(read(feature))
        except ValueError as error:
            raise refusal(f"{path}: features.{row}.geometry: {error}", advice=advice) from error
    return tuple(made)


def area_of(geometry: dict[str, Any], datum: Datum) -> BaseGeometry:
    """The polygon or polygons of a feature's geometry, WGS 84 lon / lat. Raises `ValueError` where it is none."""
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a {kind or 'geometry without type'}; only Polygon and MultiPolygon enclose an area")
    try:
        polygon = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
        raise ValueError(f"not the coordinates of a {kind}") from error
    if polygon.is_empty:
        raise ValueError(f"not the coordinates of a {kind}")
    if not shapely.is_valid(polygon):
        raise ValueError(f"not a usable polygon: {shapely.is_valid_reason(polygon)}")
    west, south, east, north = polygon.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ValueError("coordinates are not longitude, latitude in degrees")
    return shapely.transform(polygon, lambda points: np.column_stack(to_wgs84(points[:, 0], points[:, 1], datum)))
