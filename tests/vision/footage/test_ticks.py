from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.footage.ticks import Ticks


def chosen(ticks: Ticks, times: list[float]) -> list[int]:
    """Indices of the first frame of each period."""
    numbers = [ticks.number(time) for time in times]
    return [row for row, number in enumerate(numbers) if row == 0 or number != numbers[row - 1]]


@pytest.mark.parametrize(
    ("fps", "every"), [(30.0, 5), (29.97, 5), (25.0, 5), (60.0, 10), (9.68, 2), (24.0, 4), (5.0, 1)]
)
def test_frames_are_taken_at_whole_distances(fps: float, every: int) -> None:
    rows = chosen(Ticks.every_nth(6.0, fps), [frame / fps for frame in range(100)])
    assert set(np.diff(rows)) == {every}


@given(st.floats(5.0, 120.0), st.floats(0.5, 12.0), st.integers(0, 2**32 - 1))
def test_jittering_time_stamps_do_not_move_the_choice(fps: float, rate: float, seed: int) -> None:
    ticks = Ticks.every_nth(rate, fps)
    times = (np.arange(1000) + np.random.default_rng(seed).uniform(-0.4, 0.4, 1000)) / fps
    assert len(set(np.diff(chosen(ticks, times.tolist())))) == 1


@given(st.floats(1.0, 240.0), st.floats(0.5, 12.0))
def test_the_rate_is_hardly_exceeded(fps: float, rate: float) -> None:
    assert Ticks.every_nth(rate, fps).rate_hz <= rate * 1.11


def test_a_video_of_unknown_rate_is_sampled_by_time() -> None:
    assert chosen(Ticks.every_nth(2.0, float("nan")), [0.0, 0.1, 0.2, 0.55, 0.9, 1.0, 1.4]) == [0, 3, 5]
