from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from tests.vision.places.test_ranging import APPROACH, CAMERA, CAR_M, SIZE, TIMES, seen
from vision.places.range_sights import MOST, range_sights
from vision.places.standing_place import standing_place, way_past
from vision.places.track_path import TrackPath

CAR = CLASS_ID["car"]
USUAL = np.array([0.08, 0.0044, 0.15])


def told(path: TrackPath) -> tuple[float, float]:
    """Metres ahead of the first sighting at which the thing stands, and their uncertainty."""
    sights = range_sights(path, CAR, CAMERA, SIZE)
    way = way_past(path, sights.rows)
    assert way is not None
    place = standing_place(sights, way, USUAL)
    return float(place.ahead(way)[0]), float(np.sqrt(place.covariance[0, 0]))


@given(lie=st.floats(-0.1, 0.1), slope=st.floats(-0.004, 0.004), tall=st.floats(0.9, 1.1), way=st.floats(0.98, 1.02))
@settings(max_examples=60, deadline=None)
def test_the_place_lies_within_its_uncertainty(lie: float, slope: float, tall: float, way: float) -> None:
    path = seen(APPROACH, lie, slope, tall * CAR_M)
    path = replace(path, x=path.forward + way * 10.0 * TIMES)
    ahead, std = told(path)
    assert abs(ahead - APPROACH[0]) < 3.0 * std


def test_one_look_far_off_hardly_moves_it() -> None:
    path = seen(APPROACH)
    wrong = path.boxes.copy()
    wrong[5, 3] += 25.0  # the foot of another car
    forward, left = CAMERA.to_ground((wrong[:, 0] + wrong[:, 2]).astype(float) / 2, wrong[:, 3].astype(float))
    moved = replace(path, boxes=wrong, forward=forward, left=left, x=10.0 * TIMES + forward, y=left)
    assert abs(told(moved)[0] - told(path)[0]) < 0.5


def test_a_longer_way_past_tells_more() -> None:
    whole = seen(APPROACH)
    short = TrackPath(*(getattr(whole, name)[:6] for name in TrackPath.__slots__))
    assert told(whole)[1] < told(short)[1]


def test_a_camera_that_hardly_moves_tells_nothing() -> None:
    path = seen(APPROACH)
    waits = replace(path, x=path.forward)
    assert way_past(waits, np.arange(len(TIMES))) is None
    assert way_past(path, np.arange(2)) is None


def test_sightings_are_spread_over_all_of_a_long_track() -> None:
    times = np.arange(0, 40.0, 1 / 6)
    away = np.full(len(times), 20.0)
    one = seen(away[: len(TIMES)])
    rows = np.zeros(len(times), int)
    path = TrackPath(times, *(getattr(one, name)[rows] for name in TrackPath.__slots__[1:]))
    found = range_sights(path, CAR, CAMERA, SIZE).rows
    assert len(found) == MOST
    assert (found[0], found[-1]) == (0, len(times) - 1)
