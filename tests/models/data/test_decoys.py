"""Things that are no waste drawn onto a road."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.data.decoys import MOST_PIXELS, MOST_THINGS, with_decoys
from models.data.ground import HORIZON

ROAD = np.full((384, 640, 3), 110, np.uint8)
NOTHING = np.zeros((0, 4), np.float32)


def changed_pixels(picture: np.ndarray, boxes: np.ndarray, seed: int) -> np.ndarray:
    """(H, W) where decoys were drawn."""
    drawn = with_decoys(picture, boxes, np.random.default_rng(seed))
    assert drawn.shape == picture.shape
    assert drawn.dtype == np.uint8
    return np.asarray((drawn != picture).any(axis=2))


@given(st.integers(0, 2**31))
def test_decoys_lie_below_the_horizon_and_hide_nothing_that_is_labelled(seed: int) -> None:
    changed = changed_pixels(ROAD, np.array([[200, 180, 400, 380]], np.float32), seed)
    assert (ROAD == 110).all()
    assert not changed[180:380, 200:400].any()
    assert not changed[: int(HORIZON[0] * 384) - MOST_PIXELS // 6 - 1].any()  # a cone's shadow is softer than it
    assert changed.sum() <= MOST_THINGS * 1.5 * MOST_PIXELS**2


def test_most_roads_get_some_and_the_same_seed_draws_the_same() -> None:
    drawn = [changed_pixels(ROAD, NOTHING, seed) for seed in range(40)]
    assert np.mean([each.any() for each in drawn]) > 0.9
    assert (changed_pixels(ROAD, NOTHING, 3) == drawn[3]).all()
    assert len({each.tobytes() for each in drawn}) > 30


def test_flat_things_are_flatter_the_further_they_are() -> None:
    tall: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(400):
        rows, columns = np.nonzero(changed_pixels(ROAD, NOTHING, seed))
        if len(rows) and np.ptp(columns) < 90:  # one thing, or close ones
            tall[bool(rows.max() > 300)].append(float(np.ptp(rows)) / max(float(np.ptp(columns)), 1.0))
    assert min(len(each) for each in tall.values()) >= 5
    assert np.median(tall[False]) < np.median(tall[True])


def test_nothing_is_laid_on_grass() -> None:
    grass = np.random.default_rng(0).integers(0, 256, (384, 640, 3), np.uint8)
    assert not changed_pixels(grass, NOTHING, 1).any()
