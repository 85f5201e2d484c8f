"""The classes the street network knows, in the order of its outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

STREET_CLASSES: Final[tuple[str, ...]] = (
    "person",
    "bicycle",
    "motorcycle",
    "car",
    "bus",
    "truck",
    "light_red",
    "light_yellow",
    "light_green",
    "light_off",
    "litter",
    "garbage_pile",
    "overflowing_bin",
    "licence_plate",
)

CLASS_ID: Final[dict[str, int]] = {name: index for index, name in enumerate(STREET_CLASSES)}

ROAD_USERS: Final[frozenset[str]] = frozenset({"person", "bicycle", "motorcycle", "car", "bus", "truck"})
VEHICLES: Final[frozenset[str]] = frozenset({"motorcycle", "car", "bus", "truck"})
LIGHTS: Final[frozenset[str]] = frozenset({"light_red", "light_yellow", "light_green", "light_off"})
LITTER: Final[frozenset[str]] = frozenset({"litter", "garbage_pile", "overflowing_bin"})


def class_ids(names: Iterable[str]) -> frozenset[int]:
    """Network output indices of a group of class names."""
    return frozenset(CLASS_ID[name] for name in names)


def class_map(labels: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """A source's class ids -> our class ids, from `{"0": "litter"}` as it stands in a configuration."""
    return tuple((int(theirs), CLASS_ID[ours]) for theirs, ours in labels.items())
