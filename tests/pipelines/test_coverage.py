from __future__ import annotations

from dataclasses import replace

import h3
import numpy as np
import pytest

from pipelines.coverage import cells_seen
from pipelines.incident import CellCoverage
from tests.pipelines.covered_log import ORIGIN, patrol
from vision.geodesy import to_wgs84
from vision.log import ObservationLog


def cell_at(x: float, y: float) -> str:
    lon, lat = to_wgs84(ORIGIN, np.array([x]), np.array([y]))
    return str(h3.latlng_to_cell(lat[0], lon[0], 12))


def seen_by(log: ObservationLog, sought: str) -> dict[str, CellCoverage]:
    """What a log of one file shows, by cell."""
    (cells,) = cells_seen(log)
    return {each.cell: each for each in cells if each.sought == sought}


def test_the_road_driven_is_seen_and_what_lies_behind_the_start_is_not() -> None:
    cells = seen_by(patrol(), "litter").keys()
    assert {cell_at(x, 0.0) for x in range(10, 210, 5)} <= cells
    assert cell_at(-30.0, 0.0) not in cells
    assert cell_at(100.0, 60.0) not in cells


def test_a_vehicle_is_seen_farther_than_litter() -> None:
    litter, vehicle = (seen_by(patrol(), sought) for sought in ("litter", "vehicle"))
    assert len(vehicle) > len(litter)
    assert all(each.seconds > 0 for each in (*litter.values(), *vehicle.values()))


def test_a_drive_by_is_one_pass_and_a_return_another() -> None:
    there_and_back = ((0.0, 0.0, 0.0), (20.0, 200.0, 0.0), (120.0, 200.0, 0.0), (140.0, 0.0, 0.0))
    assert seen_by(patrol(there_and_back, seconds=140.0), "vehicle")[cell_at(100.0, 0.0)].passes == 2
    assert {each.passes for each in seen_by(patrol(), "vehicle").values()} == {1}


def test_a_fixed_camera_sees_the_same_ground_all_the_time_in_one_pass() -> None:
    cells = seen_by(patrol(((0.0, 0.0, 0.0),), seconds=300.0), "vehicle").values()
    assert max(each.seconds for each in cells) == pytest.approx(300, abs=1)
    assert {each.passes for each in cells} == {1}


def test_what_two_files_show_adds_up_to_what_their_drive_shows() -> None:
    whole = patrol()
    (file,) = whole.meta.files
    halves = (replace(file, last_s=9.9), replace(file, sha256="b" * 64, first_s=10.0))
    first, second = cells_seen(replace(whole, meta=replace(whole.meta, files=halves)))
    (drive,) = cells_seen(whole)
    assert {each.cell for each in second} - {each.cell for each in first}
    assert any(each.passes == 0 for each in second)
    for total in drive:
        parts = [each for each in (*first, *second) if (each.cell, each.sought) == (total.cell, total.sought)]
        assert sum(each.passes for each in parts) == total.passes
        assert sum(each.seconds for each in parts) == pytest.approx(total.seconds, abs=0.05)


def test_unusable_footage_shows_nothing() -> None:
    assert cells_seen(patrol(quality=0.3)) == ((),)
    assert cells_seen(patrol(quality=np.nan)) == ((),)
    assert {each.quality for each in seen_by(patrol(quality=0.75), "litter").values()} == {0.75}


def test_without_gps_there_is_no_cell() -> None:
    log = patrol()
    assert cells_seen(replace(log, meta=replace(log.meta, origin=None))) == ((),)


def test_a_way_that_is_not_known_covers_no_cell() -> None:
    log = patrol()
    log.coverage.x_m[:] = np.nan
    assert cells_seen(log) == ((),)
