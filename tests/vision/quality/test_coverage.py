from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.logs import Thing, make_log
from vision.log import GroundCamera, ObservationLog
from vision.look import LookSettings
from vision.quality.coverage import coverage_table, in_local_frame, near_m, reach_m, seen_ground
from vision.tables.coverage import CoverageTable

LOOK = LookSettings()


def covered(log: ObservationLog, quality: float = 1.0) -> CoverageTable:
    return coverage_table(log.meta, log.frames, log.observations, np.full(len(log.frames.time_s), quality), LOOK)


def drive(*things: Thing, seconds: float = 10.0, speed: float = 10.0) -> ObservationLog:
    return make_log(*things, mounting="moving", frames=round(6 * seconds) + 1, seconds=seconds, speed=speed)


def test_a_drive_is_told_in_stretches_of_ten_metres_that_add_up_to_its_way() -> None:
    table = covered(drive())
    assert len(table.first_s) == 10
    assert table.metres.sum() == pytest.approx(100, abs=2.5)
    np.testing.assert_allclose(table.first_s[1:], table.last_s[:-1])
    assert not table.standing.any()


def test_who_stands_is_told_every_ten_seconds() -> None:
    table = covered(make_log(frames=181, seconds=30.0))
    assert table.last_s[-1] - table.first_s[0] == pytest.approx(30, abs=0.2)
    assert len(table.first_s) == 4
    assert table.standing.all()
    assert table.metres.sum() == 0


def test_nothing_was_seen_in_a_pause() -> None:
    log = drive(seconds=2.0)
    late = log.frames.time_s + np.where(np.arange(13) >= 6, 60.0, 0.0)
    table = covered(replace(log, frames=replace(log.frames, time_s=late)))
    assert (table.last_s - table.first_s).sum() < 3


def test_small_things_are_seen_less_far_than_large_ones() -> None:
    meta = drive().meta  # focal length 800 px in a picture of 1280
    litter, vehicle = reach_m(meta, LOOK)
    assert litter == pytest.approx(800 * 0.3 / 15)
    assert vehicle == pytest.approx(400 * 1.5 / 20)
    far = replace(meta, ground_camera=replace(meta.ground_camera, focal_px=3000.0))
    assert reach_m(far, LOOK)[0] == LOOK.far_m
    assert reach_m(replace(far, mounting="fixed"), LOOK)[0] == 60


def test_seen_ground_is_what_the_picture_shows() -> None:
    log = make_log()
    table = covered(log)
    outline = shapely.Polygon(seen_ground(table, 0, log.meta, "litter"))
    assert near_m(log.meta) == pytest.approx(800 * 1.3 / 360)
    assert outline.contains(shapely.Point(10, 0))
    assert not outline.contains(shapely.Point(2.5, 0))
    assert not outline.contains(shapely.Point(17, 0))
    assert outline.contains(shapely.Point(10, 7.9))  # the picture's edge is at 640 / 800 of the distance
    assert not outline.contains(shapely.Point(10, 8.1))


def test_a_drive_sees_the_road_from_stretch_to_stretch() -> None:
    log = drive()
    table = covered(log)
    lanes = [
        shapely.Polygon(in_local_frame(table, row, seen_ground(table, row, log.meta, "litter"))) for row in range(10)
    ]
    road = shapely.union_all(lanes)
    assert road.covers(shapely.LineString([(10, 0), (100, 0)]))
    assert road.covers(shapely.LineString([(16, 2), (100, 2)]))


def test_a_car_hides_the_road_behind_it_and_nothing_else() -> None:
    log = make_log(Thing("car", (480.0, 340.0, 800.0, 500.0), (480.0, 340.0, 800.0, 500.0)))
    table = covered(log)
    assert table.free_m[0, [3, 4]] == pytest.approx([800 * 1.3 / 140] * 2)
    assert (table.free_m[0, [0, 1, 2, 5, 6, 7]] > 20).all()
    left = shapely.Polygon(seen_ground(table, 0, log.meta, "litter"))
    assert not left.contains(shapely.Point(9, 0))
    assert left.contains(shapely.Point(9, 5))


def test_one_looks_over_what_ends_below_the_horizon() -> None:
    log = make_log(Thing("car", (480.0, 400.0, 800.0, 500.0), (480.0, 400.0, 800.0, 500.0)))
    assert (covered(log).free_m > 20).all()


def test_a_car_at_the_pictures_lower_edge_hides_all_of_the_road_there() -> None:
    log = make_log(Thing("bus", (0.0, 100.0, 1280.0, 720.0), (0.0, 100.0, 1280.0, 720.0)))
    assert len(seen_ground(covered(log), 0, log.meta, "litter")) == 0


def test_a_camera_that_sees_no_road_has_seen_none() -> None:
    log = make_log()
    log = replace(log, meta=replace(log.meta, ground_camera=replace(log.meta.ground_camera, horizon_y=800.0)))
    assert len(seen_ground(covered(log), 0, log.meta, "vehicle")) == 0


def test_an_unknown_way_is_kept_as_unknown() -> None:
    log = drive()
    for column in (log.frames.x_m, log.frames.y_m, log.frames.heading_rad, log.frames.speed_mps):
        column[:] = np.nan
    table = covered(log)
    assert np.isnan(table.metres).all()
    assert np.isnan(table.x_m).all()
    assert (table.last_s - table.first_s).sum() == pytest.approx(10, abs=0.3)


def test_no_frames_no_coverage() -> None:
    log = drive()
    frames = type(log.frames)(*(getattr(log.frames, name)[:0] for name in log.frames.__slots__))
    assert len(covered(replace(log, frames=frames)).first_s) == 0


@given(
    focal=st.floats(0.35, 2.0),
    horizon=st.floats(-0.3, 0.9),
    height=st.floats(1.1, 12.0),
    free=st.lists(st.floats(0.5, 80), min_size=8, max_size=8),
)
def test_every_outline_is_a_polygon_ahead_of_the_camera(
    focal: float, horizon: float, height: float, free: list[float]
) -> None:
    log = make_log()
    camera = GroundCamera(focal * 1280, 640.0, horizon * 720, height, ("test",))
    meta = replace(log.meta, ground_camera=camera)
    table = coverage_table(meta, log.frames, log.observations, np.ones(11), LOOK)
    table = replace(table, free_m=np.array([free], np.float32))
    for sought in ("litter", "vehicle"):
        outline = seen_ground(table, 0, meta, sought)
        if len(outline):
            polygon = shapely.Polygon(outline)
            assert polygon.area > 0
            assert polygon.buffer(0).area == pytest.approx(polygon.area, rel=1e-6)
            assert outline[:, 0].min() >= near_m(meta) - 1e-6
