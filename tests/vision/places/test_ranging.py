from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from vision.lens import Lens
from vision.log import Floats, GroundCamera
from vision.places.ranging import by_foot, ranges
from vision.places.track_path import TrackPath
from vision.sizes import TYPICAL

CAMERA = GroundCamera(800.0, 640.0, 360.0, 1.4, ("test",))
SIZE = (1280, 720)
CAR, MOTORCYCLE, LITTER = (CLASS_ID[name] for name in ("car", "motorcycle", "litter"))
CAR_M = TYPICAL["car"].mean[2]
TIMES = np.arange(0, 2.1, 1 / 6)
APPROACH = 30.0 - 10.0 * TIMES  # metres to what stands ahead of a camera that does 10 m/s


def seen(away: Floats, lie: float = 0.0, slope: float = 0.0, car_m: float = CAR_M) -> TrackPath:
    """A car 3 m to the right of a camera that does 10 m/s. The road under it lies `lie` lower, as a share of the
    camera's height, and falls by `slope` radians more.
    """
    below = CAMERA.focal_px * ((1 + lie) * CAMERA.height_m / away + slope)
    foot, middle = CAMERA.horizon_y + below, CAMERA.centre_x + CAMERA.focal_px * 3.0 / away
    high, wide = CAMERA.focal_px * car_m / away, CAMERA.focal_px * 1.8 / away
    boxes = np.stack([middle - wide / 2, foot - high, middle + wide / 2, foot], axis=1).astype(np.float32)
    forward, left = CAMERA.to_ground(middle, foot)
    ego, x = np.full(len(away), 10.0), 10.0 * TIMES + forward
    return TrackPath(TIMES, boxes, forward, left, x, left, np.zeros(len(away)), ego, np.zeros(boxes.shape, bool))


def told(path: TrackPath, class_id: int = CAR, stands: bool = False) -> Floats:
    return ranges(path, class_id, stands, CAMERA, SIZE).distance


@given(lie=st.floats(-0.15, 0.2), slope=st.floats(-0.008, 0.008), car_m=st.floats(1.4, 1.65))
@settings(max_examples=50, deadline=None)
def test_what_is_driven_towards_is_told_better_than_by_its_foot(lie: float, slope: float, car_m: float) -> None:
    path = seen(APPROACH, lie, slope, car_m)
    by_way, by_foot_alone = (np.abs(away / APPROACH - 1) for away in (told(path, stands=True), path.forward))
    assert np.median(by_way) < max(0.6 * np.median(by_foot_alone), 0.05)


@given(lie=st.floats(-0.15, 0.2))
@settings(max_examples=30, deadline=None)
def test_the_way_tells_more_than_the_size(lie: float) -> None:
    path = seen(APPROACH, lie)
    with_way, without = (ranges(path, CAR, stands, CAMERA, SIZE) for stands in (True, False))
    assert np.median(with_way.log_std) < np.median(without.log_std)
    assert with_way.log_std[0] < 0.7 * by_foot(path, CAMERA).log_std[0]


def test_a_car_below_the_road_that_moves_is_told_by_its_height() -> None:
    away = np.full(len(TIMES), 20.0)
    path = seen(away, lie=0.2)
    assert np.median(path.forward) == pytest.approx(20.0 / 1.2, rel=0.01)
    assert abs(np.median(told(path)) - 20.0) < 0.75 * abs(np.median(path.forward) - 20.0)


def test_where_foot_and_size_agree_nothing_is_changed() -> None:
    path = seen(APPROACH)
    assert told(path) == pytest.approx(path.forward, rel=0.01)
    assert told(path, stands=True) == pytest.approx(path.forward, rel=0.01)


def test_the_size_of_two_wheelers_and_waste_tells_nothing() -> None:
    path = seen(APPROACH, lie=0.2)
    for class_id in (MOTORCYCLE, LITTER):
        assert told(path, class_id) == pytest.approx(path.forward)


def test_waste_that_is_driven_towards_is_told_by_the_way() -> None:
    path = seen(APPROACH, lie=0.2, car_m=0.3)
    off = np.abs(told(path, LITTER, stands=True) / APPROACH - 1)
    assert np.median(off) < 0.6 * np.median(np.abs(path.forward / APPROACH - 1))


def test_a_camera_that_stands_learns_nothing_from_its_way() -> None:
    path = seen(np.full(len(TIMES), 20.0), lie=0.2)
    waits = replace(path, x=path.forward, ego_mps=np.zeros(len(path.time_s)))
    assert told(waits, stands=True) == pytest.approx(told(waits, stands=False))


def test_sightings_without_a_foot_or_beyond_the_picture_are_left_as_they_are() -> None:
    path = seen(APPROACH, lie=0.1)
    path.forward[3] = path.x[3] = path.y[3] = np.nan
    path.boxes[-1, 2] = SIZE[0]
    found = ranges(path, CAR, True, CAMERA, SIZE)
    assert np.isnan(found.log_std[3])
    assert np.isfinite(np.delete(found.distance, 3)).all()
    nowhere = TrackPath(*(np.full_like(getattr(path, name), np.nan) for name in TrackPath.__slots__))
    assert np.isnan(ranges(nowhere, CAR, True, CAMERA, SIZE).distance).all()


@pytest.mark.parametrize("stands", [True, False])
def test_a_box_that_reaches_beyond_what_the_lens_shows_spoils_no_other(stands: bool) -> None:
    fisheye = GroundCamera(600.0, 960.0, 540.0, 1.4, ("test",), Lens("fisheye", (0.0,), 540.0))
    ahead = 24.0 - 6.0 * np.arange(0, 3.4, 1 / 6)
    corners = np.array([(-4.0, 0.0), (-4.0, 3.2), (-1.5, 0.0), (-1.5, 3.2)])  # left of the camera, above the road
    boxes = np.zeros((len(ahead), 4), np.float32)
    for row, away in enumerate(ahead.tolist()):
        level = np.stack([960 - 600 * corners[:, 0] / away, 540 + 600 * (1.4 - corners[:, 1]) / away], axis=1)
        native = fisheye.native(level)
        boxes[row] = [*native.min(axis=0), *native.max(axis=0)]
    boxes[-1] = [80, 40, 240, 600]  # its upper corner is beyond the image circle
    forward, left = fisheye.to_ground((boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3].astype(float))
    way, count = 24.0 - ahead, len(ahead)
    ego, hidden = np.full(count, 6.0), np.zeros(boxes.shape, bool)
    path = TrackPath(way / 6.0, boxes, forward, left, forward + way, left, np.zeros(count), ego, hidden)
    assert np.isnan(fisheye.level_rows(boxes[-1:].astype(float))).any()
    told = ranges(path, CLASS_ID["bus"], stands, fisheye, (1920, 1080)).distance
    assert np.isfinite(told[:-1]).all()
