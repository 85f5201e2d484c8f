from __future__ import annotations

import numpy as np
import pytest

from vision.places.slope import slope

TIMES = np.array([0.0, 0.4, 1.0, 1.5])


def test_the_slope_of_a_line_is_its_slope_however_its_values_are_trusted() -> None:
    assert slope(TIMES, 3.0 - 2.0 * TIMES, np.array([0.1, 2.0, 0.5, 1.0]))[0] == pytest.approx(-2.0)


def test_values_that_are_twice_as_uncertain_make_the_slope_so() -> None:
    _, one = slope(TIMES, TIMES, np.full(4, 0.2))
    _, two = slope(TIMES, TIMES, np.full(4, 0.4))
    assert two == pytest.approx(2 * one)
    assert one == pytest.approx(0.2 * np.sqrt(3.0 / ((TIMES - TIMES.mean()) ** 2).sum()))


def test_what_is_hardly_known_hardly_counts() -> None:
    assert slope(TIMES, TIMES + np.array([0.0, 9.0, 0.0, 0.0]), np.array([0.1, 1e3, 0.1, 0.1]))[0] == pytest.approx(1.0)
