from __future__ import annotations

from dataclasses import fields, replace

import h3
import numpy as np
import pytest

from pipelines.coverage import cells_seen
from pipelines.incident import CellCoverage
from tests.pipelines.covered_log import ORIGIN, patrol
from vision.geodesy import to_wgs84
from vision.log import ObservationLog
from vision.tables.coverage import CoverageTable


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


def test_far_from_every_fix_nothing_is_covered_though_the_way_goes_on() -> None:
    """As in a tunnel, or after GPS has failed for good: the way is adrift."""
    log = patrol()
    fixed = log.frames.time_s <= 10
    lost = replace(log.frames, lon=np.where(fixed, log.frames.lon, np.nan), lat=np.where(fixed, log.frames.lat, np.nan))
    cells = seen_by(replace(log, frames=lost), "litter").keys()
    assert cell_at(100.0, 0.0) in cells
    assert cells.isdisjoint(cell_at(x, 0.0) for x in range(150, 230, 5))
    nowhere = replace(log.frames, lon=np.full_like(log.frames.lon, np.nan), lat=np.full_like(log.frames.lat, np.nan))
    assert cells_seen(replace(log, frames=nowhere)) == ((),)


def test_seconds_are_those_that_a_cell_was_in_view_at_once() -> None:
    """As told frame by frame; a stretch sweeps over more ground than any moment of it shows."""
    log = patrol()
    step = float(np.median(np.diff(log.frames.time_s)))
    for sought in ("litter", "vehicle"):
        by_frame = seen_by(frame_by_frame(log), sought)
        cells = seen_by(log, sought)
        assert max(each.seconds for each in by_frame.values()) > 10 * step
        total = sum(each.seconds for each in by_frame.values())
        assert sum(each.seconds for each in cells.values()) == pytest.approx(total, rel=0.08)


def frame_by_frame(log: ObservationLog) -> ObservationLog:
    """The log with a stretch for each of its frames."""
    times, frames, table = log.frames.time_s, log.frames, log.coverage
    of_frame = np.searchsorted(table.first_s, times, side="right") - 1
    ends = np.append(times[1:], table.last_s[-1])
    columns = {each.name: getattr(table, each.name)[of_frame] for each in fields(table)}
    own = {"first_s": times, "last_s": ends, "metres": np.zeros(len(times), np.float32)}
    pose = {"x_m": frames.x_m, "y_m": frames.y_m, "heading_rad": frames.heading_rad}
    return replace(log, coverage=CoverageTable(**(columns | own | pose)))


def test_a_way_that_is_not_known_covers_no_cell() -> None:
    log = patrol()
    log.coverage.x_m[:] = np.nan
    assert cells_seen(log) == ((),)
