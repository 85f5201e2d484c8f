"""What travels with the camera is found by comparing looks from far apart, however long it stood between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.effort import instructions
from vision.markings.paint import PaintLook
from vision.markings.relics import COMPARED, STAYED, TRAVELLED_M, without_relics

WIDTH = 1280
NOBODY = np.zeros((0, 4), np.float32)
WAYS = st.sampled_from([(0.0, 0.0), (0.7, 0.1), (-0.7, 0.4), (0.0, 1.3), (9.0, 0.0), (np.nan, np.nan)])
SHOWN = st.lists(st.integers(0, 6), max_size=3, unique=True)


def bars_at(columns: list[int]) -> np.ndarray:
    left = 150.0 * np.array(columns, np.float32).reshape(-1, 1)
    x = left + np.array([0.0, 0.0, 90.0, 90.0], np.float32)
    return np.stack([x, np.broadcast_to(np.array([600.0, 620.0, 620.0, 600.0], np.float32), x.shape)], axis=2)


def looks_at(shown: list[list[int]]) -> list[PaintLook]:
    return [PaintLook(frame, bars_at(columns), NOBODY) for frame, columns in enumerate(shown)]


def by_definition(looks: list[PaintLook], places: np.ndarray) -> list[PaintLook]:
    """Each look compared with the last ones before it, then the first ones after it, that are far enough away."""
    kept = []
    for number, look in enumerate(looks):
        others = [*reversed(looks[:number]), *looks[number + 1 :]]
        far = [each for each in others if np.hypot(*(places[each.frame] - places[look.frame])) >= TRAVELLED_M]
        stays = [
            any(np.abs(bar - other).max() <= STAYED * WIDTH for each in far[:COMPARED] for other in each.bars)
            for bar in look.bars
        ]
        kept.append(replace(look, bars=look.bars[~np.array(stays, bool)]))
    return kept


@settings(deadline=None)
@given(st.lists(st.tuples(WAYS, SHOWN), max_size=30))
def test_each_look_is_compared_with_the_nearest_ones_in_time_that_are_far_away(
    drive: list[tuple[tuple[float, float], list[int]]],
) -> None:
    ways = np.array([way for way, _ in drive]).reshape(-1, 2)
    unknown = np.isnan(ways)
    places = np.where(unknown, np.nan, np.cumsum(np.where(unknown, 0.0, ways), axis=0))
    looks = looks_at([columns for _, columns in drive])
    found = without_relics(looks, places, WIDTH)
    for one, other in zip(found, by_definition(looks, places), strict=True):
        np.testing.assert_array_equal(one.bars, other.bars)


@pytest.mark.parametrize(("driven", "wander_m"), [(0, 0.0), (10, 0.0), (10, 0.3)])
def test_a_camera_that_stands_twice_as_long_takes_twice_the_work(driven: int, wander_m: float) -> None:
    """Fixed, or after a drive, where GPS may let it wander."""

    def work(standing: int) -> int:
        turns = 0.1 * np.arange(standing)
        stand = wander_m * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        drive = np.stack([np.arange(-float(driven), 0.0), np.zeros(driven)], axis=1)
        looks = looks_at([[1]] * (driven + standing))
        return instructions(lambda: without_relics(looks, np.concatenate([drive, stand]), WIDTH))

    assert work(240) < 2.2 * work(120)
