from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.seen_road import HEIGHT, WIDTH, on_road, scenery
from vision.overlap import iou
from vision.tracking.foresight import Whereabouts, alike, foresee
from vision.tracking.live_track import START_VARIANCE, middle_of
from vision.tracking.sightings import LIGHT, PERSON, VEHICLE
from vision.tracking.tracker import TrackingSettings

SETTINGS = TrackingSettings()


def whereabouts(
    box: tuple[float, float, float, float], velocity: tuple[float, ...] = (0, 0, 0, 0), group: int = VEHICLE
) -> Whereabouts:
    first = np.zeros(1, np.intp)
    mean, covariance = middle_of(np.array(box))[None], np.array([START_VARIANCE])
    return Whereabouts(first + group, mean, np.array([velocity], float), covariance, first)


@given(st.floats(12.0, 40.0), st.floats(-4.0, 4.0), st.floats(0.5, 6.0))
def test_what_stands_is_foreseen_where_the_camera_will_see_it(forward: float, left: float, way: float) -> None:
    around = scenery(7, speed=way)  # the seventh frame is a second later
    found = foresee(whereabouts(on_road(around.camera, forward, left, 0.3)), around, 6).stands
    expected = np.array(on_road(around.camera, forward - way, left, 0.3))
    if (expected[:2] > 0).all() and expected[2] < WIDTH and expected[3] < HEIGHT:
        assert found[0] == pytest.approx(expected, abs=0.05)


def test_what_crosses_goes_on_people_for_a_moment_only_and_turns_with_the_picture() -> None:
    around = scenery(13)
    around.shift[:, 0] = 3.0 * np.arange(13)
    car, walker = (whereabouts((500.0, 300.0, 600.0, 380.0), (120.0, 0.0, 0.0, 0.0), of) for of in (VEHICLE, PERSON))
    assert foresee(car, around, 3).moved[0] == pytest.approx([569.0, 300.0, 669.0, 380.0])
    assert foresee(car, around, 12).moved[0, 0] == pytest.approx(500.0 + 2.0 * 120.0 + 36.0)
    assert foresee(walker, around, 12).moved[0, 0] == pytest.approx(500.0 + 0.6 * 120.0 + 36.0)


def test_a_head_is_looked_for_where_it_was_while_the_camera_stands() -> None:
    box = (500.0, 100.0, 512.0, 130.0)
    head = whereabouts(box, (60.0, 0.0, 0.0, 0.0), LIGHT)
    stood, drove = foresee(head, scenery(13), 12), foresee(head, scenery(13, speed=5.0), 12)
    assert (stood.moved[0] == box).all()
    assert stood.gap_s[0] == 0.0
    assert drove.moved[0, 0] == pytest.approx(536.0)
    assert drove.gap_s[0] == pytest.approx(2.0)
    assert np.isnan(stood.stands).all()
    assert np.isnan(drove.stands).all()


@given(st.floats(12.0, 40.0), st.floats(-4.0, 4.0), st.floats(0.0, 9.0))
def test_what_is_passed_does_not_cross_and_who_drives_across_does(forward: float, left: float, way: float) -> None:
    around = scenery(7, speed=way)
    box = on_road(around.camera, forward, left, 1.8)
    stood = foresee(whereabouts(box), around, 1).stands[0]
    drift = (stood[0] + stood[2] - box[0] - box[2]) / 2 * 6.0
    across = drift + 1.2 * (box[2] - box[0])
    if np.isfinite(stood).all() and (stood[:2] > 0).all() and stood[2] < WIDTH and stood[3] < HEIGHT:
        assert not foresee(whereabouts(box, (drift, 0.0, 0.0, 0.0)), around, 1).crosses[0]
        assert foresee(whereabouts(box, (across, 0.0, 0.0, 0.0)), around, 1).crosses[0]
        assert not foresee(whereabouts(box, (across, 0.0, 0.0, 0.0), PERSON), around, 1).crosses[0]


def test_what_has_left_the_picture_is_foreseen_nowhere() -> None:
    tracks = whereabouts((1200.0, 300.0, 1279.0, 380.0), (900.0, 0.0, 0.0, 0.0))
    assert np.isnan(foresee(tracks, scenery(7), 6).moved).all()


def test_people_may_be_beside_where_they_were_foreseen_and_vehicles_must_overlap() -> None:
    here, beside = np.array([[100, 100, 140, 180]], np.float32), np.array([[142, 100, 182, 180]], np.float32)
    gap, group = np.full(2, 0.2), np.array([VEHICLE, PERSON])
    same, next_to_it, aside = alike(here.repeat(2, axis=0), np.concatenate([here, beside, here + 20]), gap, group).T
    assert same == pytest.approx(1.0)
    assert next_to_it[1] > next_to_it[0]
    assert aside[0] < 0.5


def test_another_that_shows_at_the_picture_s_edge_where_one_leaves_is_told_by_its_height() -> None:
    leaving = np.array([[0, 259, 255, 898]], np.float32)
    same, behind = np.array([[0, 280, 230, 950]], np.float32), np.array([[0, 535, 210, 691]], np.float32)
    assert iou(leaving, behind)[0, 0] > SETTINGS.alike - 0.05
    found = alike(leaving, np.concatenate([same, behind]), np.full(1, 0.17), np.array([VEHICLE]))[0]
    assert found[0] == pytest.approx(iou(leaving, same)[0, 0])
    assert found[1] < SETTINGS.alike / 2


def test_what_stands_is_passed_when_the_picture_shows_it_no_more_and_at_the_horizon_nobody_can_tell() -> None:
    around = scenery(13, speed=8.0)
    beside = whereabouts(on_road(around.camera, 8.0, 3.0, 1.8))
    gone = [foresee(beside, around, frame).passed[0] for frame in (1, 12)]
    assert [bool(each) for each in gone] == [False, True]
    level = around.camera.horizon_y
    far = whereabouts((600.0, level - 40.0, 640.0, level))
    assert not foresee(far, around, 12).passed[0]
