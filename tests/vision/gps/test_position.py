"""Where the camera was between, beside and beyond its fixes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.clock import estimate_clock
from vision.gps import read_gps
from vision.gps.fixes import Fix, believable_track, metres_between
from vision.gps.position import DEFAULT_ACCURACY_M, MAX_AGE_S, position_at
from vision.gps.track import GpsTrack
from vision.log import Clock
from vision.video import probe

CLOCK = Clock(datetime.fromtimestamp(1_000_000_000, UTC), 0.0, "gps")
NO_CLOCK = Clock(None, float("inf"), "unknown")
METRE_NORTH = 1 / 111_195


def north(times: list[float], *, embedded: bool = False, speed: float = 10.0, lon: float = 11.58) -> GpsTrack:
    clock = "pts_s" if embedded else "utc_s"
    zero = 0 if embedded else 1_000_000_000
    return believable_track(
        [Fix(lon, 50 + speed * time * METRE_NORTH, **{clock: zero + time}) for time in times],  # type: ignore[arg-type]
        "test",
    )


@given(st.floats(0, 10), st.booleans())
def test_steady_driving_is_interpolated_exactly(time: float, embedded: bool) -> None:
    there = position_at(north(list(range(11)), embedded=embedded), CLOCK, np.array([time]))
    np.testing.assert_allclose(there.lat, 50 + 10 * time * METRE_NORTH, atol=1e-9)
    np.testing.assert_allclose(there.speed_mps, 10, rtol=1e-3)
    assert abs((there.heading_deg[0] + 180) % 360 - 180) < 0.1
    assert DEFAULT_ACCURACY_M <= there.accuracy_m[0] < DEFAULT_ACCURACY_M + 0.1


def test_accuracy_falls_off_between_and_beyond_fixes_and_ends_after_three_seconds() -> None:
    there = position_at(north([0, 1, 2, 8, 9]), CLOCK, np.array([1.0, 3.0, 4.9, 5.1, 9.0, 11.0, 12.1]))
    at, soon, middle, _, end, beyond, gone = there.accuracy_m
    assert at < soon < middle
    assert end < beyond
    assert np.isnan(gone)
    assert np.isnan(there.lon[-1])
    assert np.isnan(position_at(north([0, 8]), CLOCK, np.array([MAX_AGE_S + 0.1])).lat[0])


def test_an_uncertain_clock_counts_as_way_driven_unless_the_track_is_in_the_video() -> None:
    doubtful = Clock(CLOCK.utc_at_zero, 4.0, "container")
    beside = position_at(north([0, 1, 2]), doubtful, np.array([1.0]))
    inside = position_at(north([0, 1, 2], embedded=True), doubtful, np.array([1.0]))
    assert 10 < beside.accuracy_m[0] < 15  # the log ends a second before and after
    assert inside.accuracy_m[0] < 6


def test_without_a_clock_a_log_beside_the_video_tells_nothing() -> None:
    assert np.isnan(position_at(north([0, 1, 2]), NO_CLOCK, np.array([1.0])).lat).all()
    assert np.isfinite(position_at(north([0, 1], embedded=True), NO_CLOCK, np.array([1.0])).lat).all()


def test_a_parked_car_has_no_heading() -> None:
    there = position_at(north([0, 1, 2], speed=0.0), CLOCK, np.array([1.0]))
    assert np.isnan(there.heading_deg).all()
    assert there.speed_mps[0] == 0


def test_headings_turn_the_short_way_round() -> None:
    fixes = [Fix(11, 50 + number * 1e-4, pts_s=number, heading_deg=heading) for number, heading in enumerate([350, 10])]
    there = position_at(believable_track(fixes, "test"), NO_CLOCK, np.array([0.5]))
    assert abs((there.heading_deg[0] + 180) % 360 - 180) < 1e-6


def test_the_antimeridian_is_no_jump() -> None:
    fixes = [Fix(lon, -17, pts_s=number) for number, lon in enumerate([179.9999, -179.9999])]
    there = position_at(believable_track(fixes, "test"), NO_CLOCK, np.array([0.5]))
    assert abs(abs(there.lon[0]) - 180) < 1e-6


def test_one_fix_is_a_place_for_a_moment() -> None:
    there = position_at(north([0]), CLOCK, np.array([0.0, 2.0, 5.0]))
    assert np.isfinite(there.lat).tolist() == [True, True, False]


def test_a_log_that_cannot_be_aligned_gives_no_place_but_a_parked_car_has_one() -> None:
    hours_off = Clock(CLOCK.utc_at_zero, 8 * 3600.0, "container")
    moving, parked = (north(list(range(600)), speed=speed) for speed in (10.0, 0.0))
    assert np.isnan(position_at(moving, hours_off, np.array([300.0])).lat).all()
    assert np.isfinite(position_at(parked, hours_off, np.array([300.0])).lat).all()


@pytest.mark.shared
@pytest.mark.parametrize("drive", ["kitti_0001", "kitti_0005", "kitti_0011", "kitti_0095"])
def test_kitti_drives_are_found_where_they_were(shared_data: Path, drive: str) -> None:
    folder = shared_data / "drives" / drive
    info = probe(folder / f"{drive}.mp4")
    track = read_gps(info.path, duration_s=info.duration_s)
    assert track is not None
    ego = np.genfromtxt(folder / "ego.csv", delimiter=",", names=True, usecols=("pts_s", "lat", "lon", "speed_mps"))
    there = position_at(track, estimate_clock(info, track), ego["pts_s"])
    known = np.isfinite(there.lat)
    assert known.mean() > 0.95
    error = metres_between(np.stack([there.lon, ego["lon"]]), np.stack([there.lat, ego["lat"]]))[0]
    assert np.nanmax(error) < 8
    assert (error[known] < 2 * there.accuracy_m[known]).all()
    assert np.nanmean(np.abs(there.speed_mps - ego["speed_mps"])) < 1
