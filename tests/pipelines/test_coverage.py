from __future__ import annotations

from dataclasses import replace

import h3
import numpy as np
import pytest

from pipelines.coverage import cells_seen, metres_seen
from tests.pipelines.logs import make_log
from vision.geodesy import to_wgs84
from vision.log import GroundCamera, ObservationLog
from vision.look import LookSettings
from vision.quality.coverage import coverage_table

ORIGIN = (120.13, 31.23)
DASHCAM = GroundCamera(900.0, 960.0, 540.0, 1.3, ("test",))
STRAIGHT = ((0.0, 0.0, 0.0), (20.0, 200.0, 0.0))


def patrol(
    ego: tuple[tuple[float, float, float], ...] = STRAIGHT, quality: float = 1.0, seconds: float = 20.0
) -> ObservationLog:
    mounting = "fixed" if len(ego) == 1 else "moving"
    log = make_log(duration_s=seconds, mounting=mounting, ego=ego, camera=DASHCAM, origin=ORIGIN)
    seen = np.full(len(log.frames.time_s), quality)
    return replace(log, coverage=coverage_table(log.meta, log.frames, log.observations, seen, LookSettings()))


def cell_at(x: float, y: float) -> str:
    lon, lat = to_wgs84(ORIGIN, np.array([x]), np.array([y]))
    return str(h3.latlng_to_cell(lat[0], lon[0], 12))


def test_the_road_driven_is_seen_and_what_lies_behind_the_start_is_not() -> None:
    cells = {each.cell for each in cells_seen(patrol(), "litter")}
    assert {cell_at(x, 0.0) for x in range(10, 210, 5)} <= cells
    assert cell_at(-30.0, 0.0) not in cells
    assert cell_at(100.0, 60.0) not in cells


def test_a_vehicle_is_seen_farther_than_litter() -> None:
    litter, vehicle = (cells_seen(patrol(), sought) for sought in ("litter", "vehicle"))  # type: ignore[arg-type]
    assert len(vehicle) > len(litter)
    assert all(0 < each.share <= 1 and each.seconds > 0 for each in (*litter, *vehicle))


def test_a_drive_by_is_one_pass_and_a_return_another() -> None:
    there_and_back = ((0.0, 0.0, 0.0), (20.0, 200.0, 0.0), (120.0, 200.0, 0.0), (140.0, 0.0, 0.0))
    passes = {each.cell: each.passes for each in cells_seen(patrol(there_and_back, seconds=140.0), "vehicle")}
    assert passes[cell_at(100.0, 0.0)] == 2
    assert {each.passes for each in cells_seen(patrol(), "vehicle")} == {1}


def test_a_fixed_camera_sees_the_same_ground_all_the_time_in_one_pass() -> None:
    cells = cells_seen(patrol(((0.0, 0.0, 0.0),), seconds=300.0), "vehicle")
    assert max(each.seconds for each in cells) == pytest.approx(300, abs=1)
    assert {each.passes for each in cells} == {1}


def test_unusable_footage_shows_nothing() -> None:
    assert cells_seen(patrol(quality=0.3), "litter") == ()
    assert cells_seen(patrol(quality=np.nan), "litter") == ()
    assert metres_seen(patrol(quality=0.3).coverage) == 0
    assert metres_seen(patrol(quality=0.8).coverage) == pytest.approx(200, abs=3)
    assert {each.quality for each in cells_seen(patrol(quality=0.75), "litter")} == {0.75}


def test_without_gps_there_is_no_cell() -> None:
    log = patrol()
    assert cells_seen(replace(log, meta=replace(log.meta, origin=None)), "litter") == ()


def test_a_way_that_is_not_known_covers_no_cell() -> None:
    log = patrol()
    log.coverage.x_m[:] = np.nan
    assert cells_seen(log, "vehicle") == ()


def test_coarser_cells_hold_the_finer_ones() -> None:
    fine, coarse = (cells_seen(patrol(), "litter", resolution) for resolution in (12, 10))
    assert {h3.cell_to_parent(each.cell, 10) for each in fine} <= {each.cell for each in coarse}
