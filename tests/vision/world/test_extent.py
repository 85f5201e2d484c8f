from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.log import Floats
from vision.overlap import whole
from vision.sizes import TYPICAL
from vision.world.extent import Profile, extent_of

CAR = TYPICAL["car"]
FOCAL_PX = 800.0


def seen(length: float, width: float, height: float, angle: Floats, range_m: Floats, axis_std: float) -> Profile:
    """What perfect boxes show of a cuboid whose axis is at `angle` to the lines of sight, and whose foot is so far."""
    across = length * np.abs(np.sin(angle)) + width * np.abs(np.cos(angle))
    depth = length * np.abs(np.cos(angle)) + width * np.abs(np.sin(angle))
    wide = across * range_m / (range_m + depth / 2)
    high = np.full(len(angle), height)
    pixels = np.stack([wide, high], axis=1) * FOCAL_PX / range_m[:, None]
    return Profile(wide, high, pixels, range_m, angle if np.isfinite(axis_std) else angle - angle[0], axis_std)


@given(st.floats(3.4, 5.2), st.floats(1.55, 2.0), st.floats(1.35, 2.0))
@settings(max_examples=25, deadline=None)
def test_a_car_seen_from_all_sides_is_known_within_its_uncertainty(length: float, width: float, height: float) -> None:
    found = extent_of(seen(length, width, height, np.linspace(0.05, 1.5, 12), np.linspace(25, 8, 12), 0.1), CAR)
    assert (np.abs(found.size - [length, width, height]) < 3 * found.std).all()
    assert (found.std[[0, 2]] < np.array(CAR.std)[[0, 2]]).all()


def test_a_long_car_is_told_from_a_short_one_by_its_side() -> None:
    short, long = (
        extent_of(seen(length, 1.8, 1.5, np.full(8, np.pi / 2), np.full(8, 12.0), 0.1), CAR) for length in (3.6, 5.0)
    )
    assert long.size[0] - short.size[0] > 0.7
    assert short.size[1] == pytest.approx(long.size[1], abs=0.1)


def test_a_car_seen_from_behind_keeps_the_typical_length() -> None:
    found = extent_of(seen(4.9, 1.9, 1.6, np.zeros(8), np.full(8, 15.0), 0.05), CAR)
    assert found.size[0] == pytest.approx(CAR.mean[0], abs=0.15)
    assert found.std[0] == pytest.approx(CAR.std[0], rel=0.1)
    assert found.size[1] > CAR.mean[1]


def test_the_axis_of_a_bus_that_stands_is_found_by_driving_past() -> None:
    """Its width alone, or its length alone, would explain one sighting; not all."""
    bus, angle, away = TYPICAL["bus"], np.linspace(0.1, 1.3, 12), np.linspace(40, 12, 12)
    found = extent_of(seen(12.0, 2.5, 3.2, angle, away, np.inf), bus)
    assert found.size[0] == pytest.approx(12.0, abs=2 * found.std[0])
    assert found.std[0] < bus.std[0]


def test_a_wrong_heading_does_not_make_a_car_short() -> None:
    """Seen from behind, though it is said to show its side."""
    as_seen = seen(4.3, 1.8, 1.5, np.zeros(8), np.full(8, 15.0), 0.05)
    turned = Profile(as_seen.wide_m, as_seen.high_m, as_seen.pixels, as_seen.range_m, np.full(8, np.pi / 2), 0.05)
    assert extent_of(turned, CAR).size[0] > 3.5


def test_more_sightings_do_not_undo_the_error_of_the_scale() -> None:
    few, many = (extent_of(seen(4.3, 1.8, 1.5, np.full(n, 1.2), np.full(n, 12.0), 0.1), CAR) for n in (3, 60))
    assert many.std[2] > 0.6 * few.std[2]


def test_what_was_never_seen_whole_is_typical() -> None:
    found = extent_of(seen(4.0, 1.8, 1.5, np.zeros(0), np.zeros(0), 0.1), CAR)
    assert tuple(found.size) == CAR.mean
    assert tuple(found.std) == CAR.std


def test_boxes_at_an_edge_of_the_picture_are_not_whole() -> None:
    boxes = np.array([[10, 10, 50, 50], [0, 10, 50, 50], [10, 10, 640, 50], [10, 300, 50, 359]], np.float32)
    assert whole(boxes, (640, 360), 3.0).tolist() == [True, False, False, False]
