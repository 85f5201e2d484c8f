from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from vision.geodesy import to_local, to_wgs84
from vision.gps.track import GpsTrack
from vision.log import Clock
from vision.motion.egomotion import EgoMotion
from vision.motion.route import fixes_in, route, scale_by

ORIGIN = (8.43, 49.01)
ZERO = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CLOCK = Clock(ZERO, 1.0, "gps")


def north_going(speed: float = 10.0, seconds: int = 20, noise: float = 0.0) -> GpsTrack:
    times = np.arange(seconds, dtype=float)
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, noise, seconds), speed * times + rng.normal(0, noise, seconds)
    lon, lat = to_wgs84(ORIGIN, x, y)
    nan = np.full(seconds, np.nan)
    return GpsTrack(times + ZERO.timestamp(), nan, lon, lat, np.full(seconds, speed), nan, np.full(seconds, 3.0), "gpx")


def seen(frame_s: np.ndarray, speed: float, standing: bool = False) -> EgoMotion:
    nothing = np.zeros(len(frame_s))
    return EgoMotion(speed * frame_s, nothing, nothing, np.full(len(frame_s), speed), np.full(len(frame_s), standing))


def test_there_and_back_between_degrees_and_metres() -> None:
    x, y = to_local(ORIGIN, *to_wgs84(ORIGIN, np.array([120.0]), np.array([-45.0])))
    assert (x[0], y[0]) == pytest.approx((120.0, -45.0))
    assert to_local((0.0, 0.0), np.array([0.0]), np.array([1.0]))[1][0] == pytest.approx(110574, rel=1e-4)


def test_gps_gives_place_direction_and_scale() -> None:
    frame_s = np.arange(0, 18, 0.2)
    fixes = fixes_in(north_going(), CLOCK, 0.0, 18.0)
    assert fixes is not None
    visual = seen(frame_s, 5.0)
    assert scale_by(fixes, frame_s, visual) == pytest.approx(2.0)
    driven = route(frame_s, visual, fixes)
    assert driven.ego.speed_mps == pytest.approx(10.0, rel=0.02)
    assert driven.ego.heading_rad == pytest.approx(np.pi / 2, abs=0.02)
    assert driven.ego.y_m == pytest.approx(10.0 * frame_s, abs=1.5)
    assert driven.accuracy_m.max() < 5.0


def test_the_path_is_smoother_than_gps() -> None:
    frame_s = np.arange(0, 18, 0.2)
    fixes = fixes_in(north_going(noise=1.5), CLOCK, 0.0, 18.0)
    assert fixes is not None
    driven = route(frame_s, seen(frame_s, 10.0), fixes)
    assert np.abs(np.diff(driven.ego.y_m) - 2.0).max() < 0.5
    assert np.abs(driven.ego.x_m - fixes.x.mean()).mean() < 1.5


def test_what_is_reckoned_does_not_follow_the_wandering_of_gps() -> None:
    frame_s = np.arange(0, 18, 0.2)
    fixes = fixes_in(north_going(noise=3.0), CLOCK, 0.0, 18.0)
    assert fixes is not None
    driven = route(frame_s, seen(frame_s, 5.0), fixes)
    assert np.hypot(np.diff(driven.reckoned.x_m), np.diff(driven.reckoned.y_m)) == pytest.approx(2.0, rel=0.02)
    assert np.ptp(driven.reckoned.heading_rad) == 0.0 < np.ptp(driven.ego.x_m)


def test_a_camera_that_is_seen_to_stand_does_not_move() -> None:
    frame_s = np.arange(0, 18, 0.2)
    fixes = fixes_in(north_going(speed=0.3), CLOCK, 0.0, 18.0)
    assert fixes is not None
    assert (route(frame_s, seen(frame_s, 0.0, standing=True), fixes).ego.speed_mps == 0).all()


def test_without_a_clock_or_fixes_in_time_there_is_no_route() -> None:
    assert fixes_in(north_going(), Clock(None, np.inf, "unknown"), 0.0, 18.0) is None
    assert fixes_in(north_going(), CLOCK, 1000.0, 1018.0) is None


def test_far_from_any_fix_the_place_is_unknown() -> None:
    frame_s = np.arange(0, 60, 0.5)
    fixes = fixes_in(north_going(), CLOCK, 0.0, 60.0)
    assert fixes is not None
    driven = route(frame_s, seen(frame_s, 10.0), fixes)
    assert np.isnan(driven.accuracy_m[-1])
    assert not np.isnan(driven.accuracy_m[10])


def test_a_receiver_that_repeats_its_last_place_does_not_hold_the_car() -> None:
    frame_s = np.arange(0, 60, 0.2)
    gps = north_going(seconds=60)
    stuck = (gps.utc_s - ZERO.timestamp() >= 20) & (gps.utc_s - ZERO.timestamp() < 40)
    lat = np.where(stuck, gps.lat[20], gps.lat)
    fixes = fixes_in(replace(gps, lat=lat, lon=np.where(stuck, gps.lon[20], gps.lon)), CLOCK, 0.0, 60.0)
    assert fixes is not None
    driven = route(frame_s, seen(frame_s, 10.0), fixes)
    assert driven.ego.y_m == pytest.approx(10.0 * frame_s, abs=2.0)
    assert driven.accuracy_m[150] > driven.accuracy_m[50] + 3.0


def test_the_same_place_again_and_again_is_right_where_the_camera_stands() -> None:
    frame_s = np.arange(0, 18, 0.2)
    fixes = fixes_in(north_going(speed=0.0), CLOCK, 0.0, 18.0)
    assert fixes is not None
    assert np.isfinite(route(frame_s, seen(frame_s, 0.0, standing=True), fixes).accuracy_m).all()


def test_a_stop_that_gps_did_not_see_is_one() -> None:
    frame_s = np.arange(0, 60, 0.2)
    speed = np.where((frame_s > 25) & (frame_s < 35), 0.5, 10.0)  # of the pictures, which are slow to see standing
    fixes = fixes_in(north_going(seconds=60), CLOCK, 0.0, 60.0)
    assert fixes is not None
    kept = (fixes.time_s < 20) | (fixes.time_s > 40)
    names = ("time_s", "x", "y", "speed", "heading", "accuracy")
    sparse = replace(fixes, **{name: getattr(fixes, name)[kept] for name in names})
    driven = route(frame_s, replace(seen(frame_s, 10.0), speed_mps=speed), sparse)
    assert driven.ego.speed_mps == pytest.approx(speed, abs=0.2)


def test_a_receiver_without_speeds_that_repeats_places_does_not_jump() -> None:
    frame_s = np.arange(0, 60, 0.2)
    track = north_going(seconds=60)
    held = np.where((np.arange(60) > 20) & (np.arange(60) < 32), 20, np.arange(60))
    frozen = replace(track, lat=track.lat[held], lon=track.lon[held], speed_mps=np.full(60, np.nan))
    fixes = fixes_in(frozen, CLOCK, 0.0, 60.0)
    assert fixes is not None
    driven = route(frame_s, seen(frame_s, 10.0), fixes)
    assert driven.ego.speed_mps == pytest.approx(np.full(len(frame_s), 10.0), abs=0.5)


@pytest.mark.parametrize("lost", [(20.0, 45.0), (-1.0, 25.0), (35.0, 99.0)])
def test_where_gps_is_lost_the_path_goes_on_as_the_camera_saw_it(lost: tuple[float, float]) -> None:
    frame_s = np.arange(0, 60, 0.2)
    fixes = fixes_in(north_going(seconds=60), CLOCK, 0.0, 60.0)
    assert fixes is not None
    kept = (fixes.time_s < lost[0]) | (fixes.time_s > lost[1])
    names = ("time_s", "x", "y", "speed", "heading", "accuracy")
    sparse = replace(fixes, **{name: getattr(fixes, name)[kept] for name in names})
    driven = route(frame_s, seen(frame_s, 10.0), sparse)
    assert np.diff(driven.ego.y_m) == pytest.approx(2.0, abs=0.2)
    assert driven.ego.y_m == pytest.approx(10.0 * frame_s, abs=2.0)
    assert np.isnan(driven.accuracy_m[(frame_s > lost[0] + 11) & (frame_s < lost[1] - 11)]).all()
