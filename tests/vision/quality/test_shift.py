from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.log import Mounting
from vision.quality.shift import shifts

WIDTH = 1920


def aims(seconds: int = 120, noise_px: float = 25.0, seed: int = 0) -> np.ndarray:
    return np.array([960.0, 540.0]) + np.random.default_rng(seed).normal(0, noise_px, (seconds, 2))


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), noise=st.floats(0, 60))
def test_noise_is_no_shift(seed: int, noise: float) -> None:
    assert not shifts(aims(noise_px=noise, seed=seed), WIDTH, "moving").any()


@settings(max_examples=25)
@given(at=st.integers(20, 100), seed=st.integers(0, 1000), side=st.integers(0, 1), sign=st.sampled_from([-1, 1]))
def test_a_camera_that_was_knocked_is_found_to_a_few_seconds(at: int, seed: int, side: int, sign: int) -> None:
    aim = aims(seed=seed)
    aim[at:, side] += sign * 0.06 * WIDTH
    (found,) = np.flatnonzero(shifts(aim, WIDTH, "moving"))
    assert abs(found - at) <= 3


def test_a_hill_or_a_bend_that_passes_is_no_shift() -> None:
    aim = aims()
    aim[50:57] += 0.08 * WIDTH
    assert not shifts(aim, WIDTH, "moving").any()


def test_two_knocks_are_two() -> None:
    aim = aims(180)
    aim[60:] += [0.0, 90.0]
    aim[120:] -= [140.0, 0.0]
    assert np.flatnonzero(shifts(aim, WIDTH, "moving")) == pytest.approx([60, 120], abs=2)


def test_unknown_directions_are_passed_over() -> None:
    aim = aims()
    aim[60:, 1] += 100
    aim[1::2] = np.nan
    (found,) = np.flatnonzero(shifts(aim, WIDTH, "moving"))
    assert abs(found - 60) <= 4


@pytest.mark.parametrize(("mounting", "told"), [("fixed", True), ("moving", False)])
def test_a_fixed_camera_has_no_excuse(mounting: Mounting, told: bool) -> None:
    aim = np.zeros((60, 2))
    aim[30:] = [0.015 * WIDTH, 0.0]
    assert shifts(aim, WIDTH, mounting).any() == told


def test_too_little_is_known_of_a_short_file() -> None:
    assert not shifts(aims(10) + np.repeat([[0.0], [500.0]], 5, axis=0), WIDTH, "moving").any()
    assert not shifts(np.full((50, 2), np.nan), WIDTH, "fixed").any()
    assert len(shifts(np.zeros((0, 2)), WIDTH, "fixed")) == 0
