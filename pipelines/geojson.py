"""GeoJSON files that people wrote: read as a whole or refused by naming the first thing that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import shapely
from pydantic import TypeAdapter, ValidationError

from models.errors import PatrolError
from pipelines.site import first_problem

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
        raise refusal(f"{path}: {first_problem(error)}", advice=advice) from error


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
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
            raise refusal(f"{path}: features.{row}.geometry: {error}", advice=advice) from error
    return tuple(made)
