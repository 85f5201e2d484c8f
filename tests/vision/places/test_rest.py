from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.taxonomy import CLASS_ID
from vision.log import GroundCamera
from vision.places.rest import STANDS, Motion, motion_of, stretches_of
from vision.places.track_path import TrackPath

CAMERA = GroundCamera(800.0, 640.0, 360.0, 1.4, ("test",))
SIZE = (1280, 720)
CAR = CLASS_ID["car"]


def nothing(boxes: np.ndarray) -> np.ndarray:
    """Before these boxes stands nothing that hides them."""
    return np.zeros(boxes.shape, bool)


def passing(
    car_mps: float, ego_mps: float = 8.0, start: float = 30.0, left: float = -3.0, seconds: float = 2.5
) -> TrackPath:
    """A car seen ahead at `start` metres that drives at `car_mps` the way the camera drives."""
    rng = np.random.default_rng(2)
    times = np.arange(0, seconds, 1 / 6)
    ahead = start + (car_mps - ego_mps) * times
    seen = ahead > 4.0
    times, ahead = times[seen], ahead[seen]
    foot = CAMERA.horizon_y + CAMERA.focal_px * CAMERA.height_m / ahead
    x = CAMERA.centre_x - CAMERA.focal_px * left / ahead
    high, wide = CAMERA.focal_px * 1.5 / ahead, CAMERA.focal_px * 1.8 / ahead
    boxes = np.stack([x - wide / 2, foot - high, x + wide / 2, foot], axis=1)
    boxes = (boxes + rng.normal(0, 0.02, boxes.shape) * high[:, None]).astype(np.float32)
    forward, aside = CAMERA.to_ground((boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3])
    ego = np.full(len(times), ego_mps)
    return TrackPath(
        times, boxes, forward, aside, forward + ego_mps * times, aside, np.zeros(len(times)), ego, nothing(boxes)
    )


def judged(path: TrackPath, error: float = 0.0) -> Motion:
    return motion_of(stretches_of(path, CAR, CAMERA, SIZE), error)


def test_a_parked_car_passed_by_the_camera_is_at_rest() -> None:
    assert judged(passing(0.0)).at_rest() > 0.8


def test_what_all_that_is_passed_seems_to_do_is_no_motion() -> None:
    creeping = passing(4.0)
    assert judged(creeping).at_rest() < 0.5
    assert judged(creeping, error=4.0 / 8.0).at_rest() > 0.8


@pytest.mark.parametrize("speed", [-10.0, 6.0, 8.0, 14.0])
def test_a_driving_car_is_not_whatever_its_direction(speed: float) -> None:
    start = 45.0 if speed < 0 else 12.0
    path = passing(speed, start=start, left=3.0 if speed < 0 else 0.0)
    motion = judged(path)
    assert motion.at_rest() < 0.2
    assert motion.speed_mps == pytest.approx(abs(speed), rel=0.35)


def after(first: TrackPath, second: TrackPath) -> TrackPath:
    """One track: the second path where the first ends in time."""
    columns = ("boxes", "forward", "left", "x", "y", "heading", "ego_mps", "hidden")
    time_s = np.concatenate([first.time_s, second.time_s + first.time_s[-1] + 1 / 6])
    return TrackPath(time_s, *(np.concatenate([getattr(first, name), getattr(second, name)]) for name in columns))


def test_one_disturbed_window_does_not_make_a_parked_car_move_but_more_than_half_of_the_time_does() -> None:
    parked, drove = passing(0.0, start=60.0, seconds=6.0), passing(9.0, start=14.0, seconds=9.0)
    disturbed = passing(9.0, start=14.0, seconds=0.8)
    assert judged(after(parked, disturbed)).at_rest() >= STANDS
    assert judged(after(parked, drove)).at_rest() < 0.5


def test_a_car_that_waits_before_a_waiting_camera_is_at_rest_and_one_that_leaves_is_not() -> None:
    assert judged(passing(0.0, ego_mps=0.0, start=10.0)).at_rest() > 0.9
    assert judged(passing(3.0, ego_mps=0.0, start=10.0)).at_rest() < 0.1


def test_a_car_that_stands_first_and_then_drives_was_not_at_rest_all_the_time() -> None:
    stood, drove = passing(0.0, ego_mps=0.0, start=8.0, seconds=4), passing(4.0, ego_mps=0.0, start=8.0, seconds=4)
    assert judged(after(stood, drove)).at_rest() < 0.1


def test_creeping_over_a_line_is_not_rest() -> None:
    assert judged(passing(0.5, ego_mps=0.0, start=9.0, seconds=6)).at_rest() < 0.1


def test_where_the_cameras_motion_is_unknown_nothing_is_said() -> None:
    path = passing(0.0)
    unknown = replace(path, x=path.x * np.nan, y=path.y * np.nan, ego_mps=path.ego_mps * np.nan)
    assert np.isnan(judged(unknown).at_rest())


def columns(path: TrackPath, rows: slice = slice(None), **changed: np.ndarray) -> TrackPath:
    return TrackPath(*(changed.get(name, getattr(path, name))[rows] for name in TrackPath.__slots__))


def test_two_sightings_or_boxes_cut_by_the_lower_edge_tell_nothing() -> None:
    path = passing(0.0)
    assert np.isnan(judged(columns(path, slice(2))).at_rest())
    cut = path.boxes.copy()
    cut[:, 3] = SIZE[1]
    nowhere = np.full(len(path.time_s), np.nan)
    assert np.isnan(judged(columns(path, boxes=cut, forward=nowhere, x=nowhere, y=nowhere)).at_rest())


def alongside(car_mps: float, side: float) -> TrackPath:
    """A car 3 m beside the camera's way (`side` 1: to the left) of which only the far end, 13 m ahead, is seen."""
    times, ego_mps = np.arange(0, 0.9, 1 / 6), 8.0
    corner = 13.0 + (car_mps - ego_mps) * times
    border = CAMERA.centre_x / CAMERA.focal_px
    foot = np.full(len(times), CAMERA.horizon_y + CAMERA.focal_px * CAMERA.height_m * border / 3.0)
    inner = CAMERA.centre_x - side * CAMERA.focal_px * 3.0 / corner
    outer = np.full(len(times), 0.0 if side > 0 else float(SIZE[0]))
    x1, x2 = np.minimum(inner, outer), np.maximum(inner, outer)
    boxes = np.stack([x1, np.full(len(times), 340.0), x2, foot], axis=1).astype(np.float32)
    forward, left = CAMERA.to_ground((boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3])
    ego = np.full(len(times), ego_mps)
    return TrackPath(
        times, boxes, forward, left, forward + ego_mps * times, left, np.zeros(len(times)), ego, nothing(boxes)
    )


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_parked_car_of_which_only_the_far_end_is_seen_is_at_rest_and_one_that_drives_along_is_not(
    side: float,
) -> None:
    assert judged(alongside(0.0, side)).at_rest() >= STANDS
    for moves in (7.0, 12.0):
        motion = judged(alongside(moves, side))
        assert motion.at_rest() < 0.2
        assert motion.speed_mps == pytest.approx(moves, rel=0.1)
