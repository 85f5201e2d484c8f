from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.test_tracking import HEIGHT, WIDTH, on_road, scenery
from vision.foresight import Whereabouts, alike, crossing, moved, passed, standing, unmoved
from vision.live_track import middle_of
from vision.sightings import PERSON, VEHICLE


def whereabouts(box: tuple[float, float, float, float], velocity: tuple[float, ...] = (0, 0, 0, 0)) -> Whereabouts:
    return Whereabouts(middle_of(np.array(box))[None], np.array([velocity], float), np.zeros(1, np.intp))


@given(st.floats(12.0, 40.0), st.floats(-4.0, 4.0), st.floats(0.5, 6.0))
def test_what_stands_is_foreseen_where_the_camera_will_see_it(forward: float, left: float, way: float) -> None:
    around = scenery(7, speed=way)  # the seventh frame is a second later
    found = standing(whereabouts(on_road(around.camera, forward, left, 0.3)), around, 6)
    expected = np.array(on_road(around.camera, forward - way, left, 0.3))
    if (expected[:2] > 0).all() and expected[2] < WIDTH and expected[3] < HEIGHT:
        assert found[0] == pytest.approx(expected, abs=0.05)


def test_what_crosses_goes_on_people_for_a_moment_only_and_turns_with_the_picture() -> None:
    around = scenery(13)
    around.shift[:, 0] = 3.0 * np.arange(13)
    tracks = whereabouts((500.0, 300.0, 600.0, 380.0), (120.0, 0.0, 0.0, 0.0))
    assert moved(tracks, around, 3, VEHICLE)[0] == pytest.approx([569.0, 300.0, 669.0, 380.0])
    assert moved(tracks, around, 12, VEHICLE)[0, 0] == pytest.approx(500.0 + 2.0 * 120.0 + 36.0)
    assert moved(tracks, around, 12, PERSON)[0, 0] == pytest.approx(500.0 + 0.6 * 120.0 + 36.0)
    assert unmoved(tracks)[0] == pytest.approx([500.0, 300.0, 600.0, 380.0])


@given(st.floats(12.0, 40.0), st.floats(-4.0, 4.0), st.floats(0.0, 9.0))
def test_what_is_passed_does_not_cross_and_who_drives_across_does(forward: float, left: float, way: float) -> None:
    around = scenery(7, speed=way)
    box = on_road(around.camera, forward, left, 1.8)
    stood = standing(whereabouts(box), around, 1)[0]
    drift = (stood[0] + stood[2] - box[0] - box[2]) / 2 * 6.0
    across = drift + 1.2 * (box[2] - box[0])
    if np.isfinite(stood).all() and (stood[:2] > 0).all() and stood[2] < WIDTH and stood[3] < HEIGHT:
        assert not crossing(whereabouts(box, (drift, 0.0, 0.0, 0.0)), around, 1)[0]
        assert crossing(whereabouts(box, (across, 0.0, 0.0, 0.0)), around, 1)[0]


def test_what_has_left_the_picture_is_foreseen_nowhere() -> None:
    tracks = whereabouts((1200.0, 300.0, 1279.0, 380.0), (900.0, 0.0, 0.0, 0.0))
    assert np.isnan(moved(tracks, scenery(7), 6, VEHICLE)).all()


def test_people_may_be_beside_where_they_were_foreseen_and_vehicles_must_overlap() -> None:
    here, beside = np.array([[100, 100, 140, 180]], np.float32), np.array([[142, 100, 182, 180]], np.float32)
    gap = np.array([0.2])
    assert alike(here, here, gap, VEHICLE)[0, 0] == pytest.approx(1.0)
    assert alike(here, beside, gap, PERSON)[0, 0] > alike(here, beside, gap, VEHICLE)[0, 0]
    assert alike(here, here + 20, gap, VEHICLE)[0, 0] < 0.5


def test_what_stands_is_passed_when_the_picture_shows_it_no_more_and_at_the_horizon_nobody_can_tell() -> None:
    around = scenery(13, speed=8.0)
    beside = whereabouts(on_road(around.camera, 8.0, 3.0, 1.8))
    gone = [passed(beside, standing(beside, around, frame), around.camera)[0] for frame in (1, 12)]
    assert [bool(each) for each in gone] == [False, True]
    level = around.camera.horizon_y
    far = whereabouts((600.0, level - 40.0, 640.0, level))
    assert not passed(far, standing(far, around, 12), around.camera)[0]
