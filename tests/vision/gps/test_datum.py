"""Chinese datums: published pairs, and there and back again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.gps.datum import gcj02_to_bd09, to_wgs84, wgs84_to_gcj02
from vision.gps.fixes import metres_between

CHINA = st.tuples(st.floats(75, 135), st.floats(18, 53))


def apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(metres_between(np.array([a[0], b[0]]), np.array([a[1], b[1]]))[0])


def test_published_pairs() -> None:
    # https://github.com/wandergis/coordtransform: its documented example.
    np.testing.assert_allclose(wgs84_to_gcj02(116.404, 39.915), (116.41024449916938, 39.91640428150164), atol=1e-9)
    np.testing.assert_allclose(gcj02_to_bd09(116.404, 39.915), (116.41036949371029, 39.92133699351021), atol=1e-9)


@given(CHINA)
def test_gcj02_there_and_back_is_within_a_tenth_of_a_metre(place: tuple[float, float]) -> None:
    back = to_wgs84(*wgs84_to_gcj02(*place), "gcj02")
    assert apart_m(place, (float(back[0]), float(back[1]))) < 0.1


@given(CHINA)
def test_bd09_there_and_back_is_within_a_metre(place: tuple[float, float]) -> None:
    back = to_wgs84(*gcj02_to_bd09(*wgs84_to_gcj02(*place)), "bd09")
    assert apart_m(place, (float(back[0]), float(back[1]))) < 1


@given(CHINA)
def test_the_shift_is_some_hundred_metres(place: tuple[float, float]) -> None:
    shifted = wgs84_to_gcj02(*place)
    assert 20 < apart_m(place, (float(shifted[0]), float(shifted[1]))) < 1500


@pytest.mark.parametrize("place", [(13.4, 52.5), (-122.4, 37.8), (151.2, -33.9)])
def test_nothing_moves_outside_china(place: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*place) == place
    assert to_wgs84(*place, "gcj02") == place


def test_cgcs2000_is_wgs84() -> None:
    assert to_wgs84(116.4, 39.9, "cgcs2000") == (116.4, 39.9)
