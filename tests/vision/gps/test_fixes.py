"""Which positions are believed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import GpsError
from vision.gps.fixes import Fix, believable_track, metres_between

METRE_NORTH = 1 / 111_195


def drive(count: int, speed: float = 10.0) -> list[Fix]:
    """North from Jena at `speed` m/s, one fix a second."""
    return [Fix(11.58, 50.93 + number * speed * METRE_NORTH, utc_s=1e9 + number) for number in range(count)]


def test_a_plain_drive_is_kept_as_it_is() -> None:
    track = believable_track(drive(20), "gpx")
    assert len(track) == 20
    np.testing.assert_allclose(metres_between(track.lon, track.lat), 10, rtol=1e-3)
    assert (np.isnan(track.pts_s).all(), track.source) == (True, "gpx")


@given(st.permutations(range(15)))
def test_fixes_come_out_in_time_order_one_per_moment(order: list[int]) -> None:
    fixes = drive(15)
    track = believable_track([fixes[number] for number in order] + fixes[:5], "csv")
    np.testing.assert_array_equal(track.utc_s, 1e9 + np.arange(15))


@given(st.integers(0, 19), st.floats(0.5, 60))
def test_a_jump_no_car_can_drive_is_left_out(where: int, degrees: float) -> None:
    fixes = drive(20)
    fixes[where] = replace(fixes[where], lat=fixes[where].lat - degrees)
    track = believable_track(fixes, "csv")
    assert len(track) == 19
    assert track.utc_s.tolist() == [fix.utc_s for number, fix in enumerate(fixes) if number != where]


@pytest.mark.parametrize("utc_s", [1e27, 5e9, -1.0, math.inf])
def test_a_time_that_no_calendar_holds_is_none_and_the_place_stands(utc_s: float) -> None:
    track = believable_track([replace(fix, utc_s=utc_s, pts_s=float(row)) for row, fix in enumerate(drive(5))], "gpmf")
    assert len(track) == 5
    assert np.isnan(track.utc_s).all()


def test_a_long_tunnel_is_no_jump() -> None:
    fixes = drive(10) + [replace(fix, utc_s=fix.utc_s + 600, lat=fix.lat + 0.15) for fix in drive(10)]
    assert len(believable_track(fixes, "csv")) == 20


@pytest.mark.parametrize("speed", [8.0, 60.0])
def test_a_smooth_path_that_no_car_drives_in_its_time_has_places_and_no_times(speed: float) -> None:
    in_minutes = [replace(fix, utc_s=1e9 + number / 60) for number, fix in enumerate(drive(20, speed=speed))]
    track = believable_track(in_minutes, "csv")
    assert len(track) == 20
    assert np.isnan(track.utc_s).all()


@given(st.integers(0, 10**6))
def test_scattered_places_are_no_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scattered = [Fix(*rng.uniform(-60, 60, 2).tolist(), utc_s=1e9 + number) for number in range(12)]
    track = believable_track(scattered, "csv")
    assert len(track) == 1
    assert np.isfinite(track.utc_s).all()


@given(st.lists(st.sampled_from(["no fix", "null island", "far", "nan"]), min_size=40, max_size=40))
def test_whatever_is_mixed_into_a_drive_its_true_fixes_stay(faults: list[str]) -> None:
    fault = {
        "no fix": lambda fix: replace(fix, valid=False),
        "null island": lambda fix: replace(fix, lon=0.0, lat=0.0),
        "far": lambda fix: replace(fix, lat=fix.lat - 3.0),
        "nan": lambda fix: replace(fix, lat=math.nan),
    }
    true = drive(200)
    mixed = list(true)
    for number, name in enumerate(faults):
        mixed[5 * number + 2] = fault[name](true[5 * number + 2])
    track = believable_track(mixed, "csv")
    kept = [fix.utc_s for number, fix in enumerate(true) if number % 5 != 2]
    assert track.utc_s.tolist() == kept


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda fix: replace(fix, valid=False), "has a GPS fix"),
        (lambda fix: replace(fix, lon=0.0, lat=0.0), "0, 0 or out of range"),
        (lambda fix: replace(fix, lat=fix.lat + 100), "0, 0 or out of range"),
        (lambda fix: replace(fix, lon=math.nan), "has a GPS fix"),
    ],
)
def test_a_log_without_a_true_position_is_refused_with_the_reason(spoil: Callable[[Fix], Fix], reason: str) -> None:
    with pytest.raises(GpsError, match=reason):
        believable_track([spoil(fix) for fix in drive(5)], "nmea")
    spoiled_start = [spoil(fix) for fix in drive(3)] + drive(10)[3:]
    assert len(believable_track(spoiled_start, "nmea")) == 7


def test_an_empty_log_is_refused() -> None:
    with pytest.raises(GpsError, match="no position"):
        believable_track([], "gpx")


def test_a_path_that_the_receiver_made_up_is_refused() -> None:
    parked_but_flying = [replace(fix, speed_mps=35.0) for fix in drive(10, speed=0)]
    lost = [replace(fix, utc_s=fix.utc_s - 100, valid=False) for fix in drive(10)]
    with pytest.raises(GpsError, match="made up"):
        believable_track(lost + parked_but_flying, "sigmastar")
    assert len(believable_track(parked_but_flying, "sigmastar")) == 10  # a wrong unit of speed under a clear sky


def test_a_chinese_log_is_converted_at_the_edge() -> None:
    beijing = [Fix(116.41024449916938, 39.91640428150164, utc_s=float(second)) for second in range(3)]
    track = believable_track(beijing, "csv", "gcj02")
    np.testing.assert_allclose([track.lon[0], track.lat[0]], [116.404, 39.915], atol=1e-6)
