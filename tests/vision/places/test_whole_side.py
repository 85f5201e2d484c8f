from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vision.log import Floats
from vision.overlap import free_edges
from vision.places.whole_side import LASTS_S, middles_aside
from vision.tracking.sightings import VEHICLE, Sightings

SIZE = (1280, 720)
COUNT, WIDE, HIGH = 12, 300.0, 100.0
MIDDLE = 350.0 + 40.0 * np.arange(COUNT)


def aside_of(boxes: Floats, hidden: np.ndarray, seconds: float = 0.2) -> Floats:
    count, edges = len(boxes), boxes.astype(np.float32)
    sure, kind, look = np.ones(count, np.float32), np.full(count, 3, np.int16), np.full(count, "wide")
    vehicle = Sightings(VEHICLE, np.arange(count, dtype=np.int32), edges, sure, kind, look, hidden, np.full(count, -1))
    return middles_aside(vehicle, seconds * np.arange(count), free_edges(edges, SIZE, 3.0))


def behind(edge: float) -> tuple[Floats, np.ndarray]:
    """A car that crosses to the right, seen up to a column where something hides it."""
    right = np.minimum(MIDDLE + WIDE / 2, edge)
    boxes = np.stack([MIDDLE - WIDE / 2, np.full(COUNT, 300.0), right, np.full(COUNT, 300.0 + HIGH)], axis=1)
    hidden = np.zeros((COUNT, 4), bool)
    hidden[:, 2] = edge < MIDDLE + WIDE / 2
    return boxes, hidden


@given(st.floats(600.0, 900.0))
def test_what_goes_behind_another_goes_on_as_fast_as_it_did(edge: float) -> None:
    boxes, hidden = behind(edge)
    seen = (boxes[:, 0] + boxes[:, 2]) / 2
    assert np.abs(seen + aside_of(boxes, hidden) - MIDDLE).max() < 0.01
    mirrored = np.stack([1280 - boxes[:, 2], boxes[:, 1], 1280 - boxes[:, 0], boxes[:, 3]], axis=1)
    aside = aside_of(mirrored, hidden[:, [2, 1, 0, 3]])
    assert np.abs(1280 - seen + aside - (1280 - MIDDLE)).max() < 0.01


def test_what_leaves_the_picture_goes_on_beyond_its_edge() -> None:
    boxes, hidden = behind(1280.0)
    boxes[:, [0, 2]] = (boxes[:, [0, 2]] + 600.0).clip(0, 1280)
    seen = (boxes[:, 0] + boxes[:, 2]) / 2
    assert np.abs(seen + aside_of(boxes, hidden) - (MIDDLE + 600.0)).max() < 0.01


def test_a_car_never_seen_whole_or_not_for_long_may_be_as_wide_as_it_seems() -> None:
    boxes, hidden = behind(600.0)
    part = hidden[:, 2]
    assert (aside_of(boxes[part], hidden[part]) == 0).all()
    aside = aside_of(boxes, hidden, LASTS_S + 0.1)
    assert (aside[np.flatnonzero(part)[1:]] == 0).all()


def test_of_a_car_hidden_on_both_sides_or_on_none_the_middle_is_that_of_what_is_seen() -> None:
    boxes, hidden = behind(600.0)
    both = hidden | hidden[:, [2, 1, 0, 3]]
    assert (aside_of(boxes, both) == 0).all()
    assert (aside_of(boxes, np.zeros_like(hidden)) == 0).all()
