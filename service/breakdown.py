"""What tallies are broken down by: its names as people write them, and the order of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from service.errors import BadQuery
from service.places import PlaceRef

Name = TypeVar("Name", bound=StrEnum)


def parse_by(texts: Iterable[str], allowed: type[Name]) -> tuple[Name, ...]:
    """Names, also joined by commas: each once, in the order they were given. Raises `BadQuery`."""
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in set(allowed)]:
        raise BadQuery(f"there is no breakdown by {unknown[0]!r}", advice=f"any of {', '.join(allowed)}, with commas")
    return tuple(dict.fromkeys(allowed(name) for name in names))


def rank(key: PlaceRef | str | None) -> tuple[bool, str]:
    """Sorts rows. Not the database's order: PostgreSQL sorts words by its locale, and zeros and nulls are not among its
    rows.
    """
    return key is None, key.id if isinstance(key, PlaceRef) else key or ""
