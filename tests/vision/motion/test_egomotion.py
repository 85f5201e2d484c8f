from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.log import GroundCamera
from vision.motion.egomotion import (
    EgoMotion,
    StepMotion,
    ego_motion,
    latest_speed,
    mounting_of,
    nearest_s,
    smoothed_speed,
    step_motion,
    way_m,
)
from vision.motion.flow import FlowStep

CAMERA = GroundCamera(540.0, 640.0, 360.0, 1.3, ("test",))
WIDTH, HEIGHT = 1280, 720


def street(seed: int = 0) -> np.ndarray:
    """(N, 3) points (forward, left, up from the road) of a road and houses beside it."""
    rng = np.random.default_rng(seed)
    road = np.stack([rng.uniform(4, 20, 80), rng.uniform(-3, 3, 80), np.zeros(80)], axis=1)
    sides = rng.choice([-1.0, 1.0], 120)
    houses = np.stack([rng.uniform(6, 60, 120), sides * rng.uniform(6, 10, 120), rng.uniform(0.5, 8, 120)], axis=1)
    return np.concatenate([road, houses])


def seen(points: np.ndarray) -> np.ndarray:
    x = CAMERA.centre_x - CAMERA.focal_px * points[:, 1] / points[:, 0]
    y = CAMERA.horizon_y + CAMERA.focal_px * (CAMERA.height_m - points[:, 2]) / points[:, 0]
    return np.stack([x, y], axis=1)


def step(metres: float, yaw: float, time_s: float = 0.1, noise: float = 0.1, seed: int = 0) -> FlowStep:
    """The flow of the street while the camera drives `metres` on and turns left by `yaw`."""
    points = street(seed)
    ahead = points - [metres, 0, 0]
    cos, sin = np.cos(yaw), np.sin(yaw)
    turned = np.stack(
        [ahead[:, 0] * cos + ahead[:, 1] * sin, ahead[:, 1] * cos - ahead[:, 0] * sin, ahead[:, 2]], axis=1
    )
    rng = np.random.default_rng(seed + 1)
    before, after = seen(points), seen(turned) + rng.normal(0, noise, (len(points), 2))
    visible = (
        (turned[:, 0] > 1)
        & (np.abs(after - [640, 360]) < [640, 360]).all(1)
        & (np.abs(before - [640, 360]) < [640, 360]).all(1)
    )
    return FlowStep(time_s, 0.1, before[visible].astype(np.float32), after[visible].astype(np.float32), False)


def motion(metres: float, yaw: float, count: int = 12) -> list[StepMotion]:
    return [step_motion(step(metres, yaw, 0.1 * (i + 1), seed=i), CAMERA, WIDTH) for i in range(count)]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.3, 2.0), st.floats(-0.03, 0.03))
def test_speed_and_turning_are_read_off_the_flow(metres: float, yaw: float) -> None:
    steps = motion(metres, yaw)
    _, speed, standing = smoothed_speed(steps)
    assert np.median(speed) == pytest.approx(metres / 0.1, rel=0.1)
    assert np.median([each.yaw_rad for each in steps]) == pytest.approx(yaw, abs=0.003)
    assert not standing.any()


@pytest.mark.parametrize("metres", [0.5, 1.5, 2.5])
def test_each_point_of_the_road_tells_the_way_however_near_it_is_and_however_long_the_step(metres: float) -> None:
    ways = step_motion(step(metres, 0.0, noise=0.0), CAMERA, WIDTH).ways_m
    assert np.percentile(ways, [10, 90]) == pytest.approx([metres, metres], rel=0.01)


def driven(speeds: np.ndarray, votes: int, backward: float = 0.0) -> list[StepMotion]:
    """Steps of a tenth of a second each whose road points all tell the true speed, or a share of them its opposite."""
    steps = []
    for number, speed in enumerate(speeds.tolist()):
        ways = np.full(votes, 0.1 * speed, np.float32)
        ways[: int(backward * votes)] *= -1
        weight = np.ones(votes, np.float32)
        steps.append(StepMotion(0.1 * (number + 1), 0.1, 0.0, ways, weight, False, np.zeros(2)))
    return steps


@pytest.mark.parametrize("votes", [10, 60, 400])
def test_a_speed_that_changes_is_that_of_its_time_however_many_points_tell_it(votes: int) -> None:
    """To a step: it tells the speed of its middle, and is given the time of its end."""
    braking = 15.0 - 0.1 * np.arange(60)
    _, speed, _ = smoothed_speed(driven(braking, votes))
    assert speed[10:-10] == pytest.approx(braking[10:-10], abs=0.1)
    assert latest_speed(driven(braking, votes))[0] == pytest.approx(braking[-7:].mean(), abs=0.1)


@pytest.mark.parametrize("votes", [20, 120])
@pytest.mark.parametrize(("backward", "is_drive"), [(0.25, True), (0.4, False)])
def test_points_that_move_backward_weigh_the_same_however_many_points_there_are(
    votes: int, backward: float, is_drive: bool
) -> None:
    _, speed, _ = smoothed_speed(driven(np.full(30, 10.0), votes, backward))
    assert np.isfinite(speed).all() == is_drive


@pytest.mark.parametrize("metres", [0.5, 1.5])
def test_how_far_aside_houses_are_is_told_by_how_they_pass_by(metres: float) -> None:
    houses = np.abs(street()[street()[:, 2] > CAMERA.height_m, 1])
    aside = metres / step_motion(step(metres, 0.02, noise=0.0), CAMERA, WIDTH).passing
    assert houses.min() <= aside <= np.median(houses)


@pytest.mark.parametrize(("aside", "is_drive"), [(1.0, False), (3.0, True)])
def test_a_road_at_whose_speed_houses_would_stand_in_the_lane_is_none(aside: float, is_drive: bool) -> None:
    steps = [replace(each, passing=0.1 * 10.0 / aside) for each in driven(np.full(30, 10.0), 50)]
    _, speed, standing = smoothed_speed(steps)
    assert np.isfinite(speed).all() == is_drive
    assert not standing.any()


def test_writing_that_changes_is_no_road() -> None:
    steps = []
    for number in range(12):
        rng = np.random.default_rng(number)
        houses = step(0.8, 0.0, 0.1 * (number + 1), seed=number)
        off_road = houses.before[:, 1] < 380
        digits = rng.uniform([330, 640], [400, 660], (14, 2)).astype(np.float32)
        moved = digits - np.array([40.0, 0.0], np.float32)
        before = np.concatenate([houses.before[off_road], digits])
        after = np.concatenate([houses.after[off_road], moved])
        steps.append(step_motion(FlowStep(houses.time_s, 0.1, before, after, False), CAMERA, WIDTH))
    assert np.isnan(smoothed_speed(steps)[1]).all()


def test_writing_and_reflections_that_stand_in_the_picture_do_not_slow_the_drive() -> None:
    steps = []
    for number in range(12):
        clean = step(0.8, 0.0, 0.1 * (number + 1), seed=number)
        still = np.random.default_rng(number).uniform([300, 600], [900, 700], (60, 2)).astype(np.float32)
        steps.append(
            FlowStep(
                clean.time_s, 0.1, np.concatenate([clean.before, still]), np.concatenate([clean.after, still]), False
            )
        )
    _, speed, _ = smoothed_speed([step_motion(each, CAMERA, WIDTH) for each in steps])
    assert np.median(speed) == pytest.approx(8.0, rel=0.1)


def test_a_standing_camera_stands_and_a_shaking_one_too() -> None:
    assert all(each.still for each in motion(0.0, 0.0))
    shaking = motion(0.0, 0.004)
    _, speed, standing = smoothed_speed(shaking)
    assert standing.all()
    assert (speed == 0).all()


def test_corners_that_dance_neither_make_a_standing_camera_drive_nor_a_slow_one_stand() -> None:
    def dancing(metres: float) -> list[StepMotion]:
        steps = [step(metres, 0.0, 0.1 * (i + 1), noise=0.6, seed=i) for i in range(12)]
        return [step_motion(each, CAMERA, WIDTH) for each in steps]

    assert smoothed_speed(dancing(0.0))[2].all()
    assert not smoothed_speed(dancing(0.08))[2].any()


def test_few_far_corners_that_dance_do_not_make_a_slow_drive_stand() -> None:
    rng = np.random.default_rng(3)

    def far(metres: float, number: int) -> StepMotion:
        ahead, left = rng.uniform(15, 60, 16), rng.uniform(-12, 12, 16)
        points = np.stack([ahead, left, rng.uniform(0, 4, 16)], axis=1)
        before, after = seen(points), seen(points - [metres, 0, 0]) + rng.normal(0, 0.4, (16, 2))
        flow = FlowStep(0.1 * number, 0.1, before.astype(np.float32), after.astype(np.float32), False)
        return step_motion(flow, CAMERA, WIDTH)

    stands = [smoothed_speed([far(metres, number) for number in range(1, 31)])[2].mean() for metres in (0.2, 0.0)]
    assert stands[0] < 0.3
    assert stands[1] > 0.9


def test_a_pan_by_hand_is_no_speed() -> None:
    rng = np.random.default_rng(0)
    steps = []
    for number in range(30):
        before = rng.uniform([0, 0], [1280, 720], (100, 2)).astype(np.float32)
        after = before + rng.normal(0, 6, (100, 2)).astype(np.float32)
        steps.append(step_motion(FlowStep(0.1 * (number + 1), 0.1, before, after, False), CAMERA, WIDTH))
    _, speed, _ = smoothed_speed(steps)
    assert np.isnan(speed).mean() > 0.9


def test_the_pose_adds_up_to_the_way_driven() -> None:
    steps = motion(1.0, 0.0, 30)
    ego = ego_motion(np.array([0.0, 1.0, 2.0, 3.0]), steps, "moving")
    assert ego.x_m[-1] == pytest.approx(30.0, rel=0.1)
    assert abs(ego.y_m[-1]) < 1.0
    assert ego.speed_mps[-1] == pytest.approx(10.0, rel=0.1)


@pytest.mark.parametrize("metres", [1.0, 0.0])
def test_the_path_starts_straight_on_whether_its_speed_is_known_or_not(metres: float) -> None:
    ways = np.full(20 if metres else 0, metres, np.float32)
    steps = [
        StepMotion(0.1 * (number + 1), 0.1, 0.05, ways, np.ones_like(ways), False, np.zeros(2)) for number in range(12)
    ]
    ego = ego_motion(np.array([0.0, 0.05, 0.1, 1.2]), steps, "moving")
    assert np.isfinite(ego.speed_mps).all() == bool(metres)
    assert ego.heading_rad == pytest.approx([0.0, 0.025, 0.05, 0.6])


def test_a_fixed_camera_stays_at_the_origin() -> None:
    ego = ego_motion(np.array([0.0, 5.0]), motion(1.0, 0.1), "fixed")
    assert (ego.x_m == 0).all()
    assert ego.standing.all()


def test_mounting() -> None:
    assert mounting_of(motion(0.8, 0.0), WIDTH) == "moving"
    assert mounting_of(motion(0.0, 0.0), WIDTH) == "fixed"
    assert mounting_of([], WIDTH) == "fixed"
    pan = motion(0.0, 0.03, 20)
    assert mounting_of(pan, WIDTH) == "moving"
    assert mounting_of(motion(0.0, 0.0), WIDTH, np.array([9.0, 10.0])) == "moving"


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.floats(-60, 60))
def test_the_nearest_mark(marks: list[float], time_s: float) -> None:
    found = nearest_s(np.array([time_s]), np.sort(marks))[0]
    assert found == pytest.approx(min(abs(mark - time_s) for mark in marks))


def test_the_way_driven_grows_where_the_place_is_known_and_waits_where_it_is_not() -> None:
    x, y = np.array([np.nan, 0.0, 3.0, np.nan, 6.0]), np.array([np.nan, 0.0, 4.0, np.nan, 8.0])
    driven = EgoMotion(x, y, np.zeros(5), np.ones(5), np.zeros(5, bool))
    assert way_m(driven) == pytest.approx([np.nan, 0.0, 5.0, np.nan, 10.0], nan_ok=True)
    nowhere = EgoMotion(*np.full((4, 3), np.nan), np.zeros(3, bool))
    assert np.isnan(way_m(nowhere)).all()
