"""The wall clock: what is believed, and how much."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tzfpy import get_tz

from vision.footage.probe import VideoInfo
from vision.gps.track import GpsTrack
from vision.timing.clock import CAMERA_CLOCK_S, SyncPoint, estimate_clock

SHANGHAI = (121.47, 31.23)
TRUE = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai


def video(name: str = "clip", container: datetime | None = None, duration: float = 60.0) -> VideoInfo:
    return VideoInfo(Path(f"{name}.MP4"), 1920, 1080, duration, 0.0, "h264", 0, container, 1, 30.0)


def track(start: datetime, seconds: int, *, embedded: bool = False, place: tuple[float, float] = SHANGHAI) -> GpsTrack:
    steps = np.arange(seconds + 1.0)
    nothing = np.full(len(steps), np.nan)
    return GpsTrack(
        utc_s=start.timestamp() + steps,
        pts_s=steps if embedded else nothing,
        lon=np.full(len(steps), place[0]),
        lat=np.full(len(steps), place[1]),
        speed_mps=nothing,
        heading_deg=nothing,
        accuracy_m=nothing,
        source="test",
    )


def off_by(found: datetime | None, true: datetime = TRUE) -> float:
    assert found is not None
    return abs((found - true).total_seconds())


def test_nothing_known_is_no_time_at_all() -> None:
    clock = estimate_clock(video())
    assert (clock.utc_at_zero, clock.source, clock.zone) == (None, "unknown", None)
    assert clock.utc(3.0) is None


def test_a_manual_sync_point_beats_gps() -> None:
    point = SyncPoint(10.0, TRUE + timedelta(seconds=10))
    wrong = track(TRUE + timedelta(hours=2), 60)
    clock = estimate_clock(video("20200101_000000"), wrong, [point])
    assert clock.source == "manual"
    assert off_by(clock.utc_at_zero) == 0
    assert clock.zone == "Asia/Shanghai"


@given(error=st.floats(-30, 30))
def test_sync_points_that_disagree_are_as_uncertain_as_they_differ(error: float) -> None:
    points = [SyncPoint(0.0, TRUE), SyncPoint(20.0, TRUE + timedelta(seconds=20 + error))]
    clock = estimate_clock(video(), sync_points=points)
    assert off_by(clock.utc_at_zero) <= clock.uncertainty_s + 1e-6
    assert clock.uncertainty_s >= abs(error) / 2 - 1e-6


def test_embedded_gps_beats_name_and_container() -> None:
    clock = estimate_clock(video("20261124_091700", TRUE + timedelta(hours=3)), track(TRUE, 60, embedded=True))
    assert clock.source == "gps"
    assert off_by(clock.utc_at_zero) < 1
    assert clock.uncertainty_s <= 2
    assert "container" in clock.note


def test_a_log_just_as_long_as_the_video_was_started_with_it() -> None:
    clock = estimate_clock(video(duration=61.5), track(TRUE, 60))
    assert clock.source == "gps"
    assert off_by(clock.utc_at_zero) <= clock.uncertainty_s <= 3


def test_gps_stamps_that_equal_the_local_file_name_are_local_time() -> None:
    stamps = track(TRUE + timedelta(hours=8), 60)
    clock = estimate_clock(video("2026_1124_083000_001F"), stamps)
    assert off_by(clock.utc_at_zero) <= 1
    assert "local time" in clock.note


@pytest.mark.parametrize("container_hour", [0, 8])
def test_name_and_container_agree_where_one_is_local_or_both_are(container_hour: int) -> None:
    container = datetime(2026, 11, 24, container_hour, 30, 2, tzinfo=UTC)
    clock = estimate_clock(video("NO20261124-083000-000123F", container), zone_hint="Asia/Shanghai")
    assert off_by(clock.utc_at_zero) <= clock.uncertainty_s == CAMERA_CLOCK_S
    assert "agrees" in clock.note


def test_a_container_time_written_at_the_end_is_recognised() -> None:
    clock = estimate_clock(video("20261124083000_000123F", TRUE + timedelta(seconds=60)), zone_hint="Asia/Shanghai")
    assert off_by(clock.utc_at_zero) <= 1
    assert "end" in clock.note


def test_a_container_alone_may_be_local_time_and_says_so() -> None:
    clock = estimate_clock(video(container=TRUE), zone_hint="Asia/Shanghai")
    assert clock.uncertainty_s >= 8 * 3600
    assert "local time" in clock.note


def test_without_a_place_a_file_name_is_only_known_to_half_a_day() -> None:
    clock = estimate_clock(video("20261124_083000"))
    assert clock.zone is None
    assert off_by(clock.utc_at_zero) <= clock.uncertainty_s


def test_the_zone_follows_from_a_local_name_and_a_utc_container() -> None:
    clock = estimate_clock(video("20261124_083000", TRUE))
    assert off_by(clock.utc_at_zero) <= clock.uncertainty_s <= CAMERA_CLOCK_S


def test_a_log_of_the_whole_day_picks_the_reading_that_it_covers() -> None:
    morning = track(TRUE - timedelta(hours=1), 3 * 3600)  # 07:30 to 10:30 local time: TRUE + 8 h lies outside
    container_in_local_time = TRUE + timedelta(hours=8)
    clock = estimate_clock(video(container=container_in_local_time), morning)
    assert off_by(clock.utc_at_zero) <= clock.uncertainty_s <= 200
    assert clock.source == "container"


@given(
    place=st.tuples(st.floats(-170, 170), st.floats(-60, 60)),
    written_in_utc=st.booleans(),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
)
def test_the_truth_lies_within_the_stated_uncertainty(
    place: tuple[float, float], written_in_utc: bool, start: datetime
) -> None:
    true = start.replace(microsecond=0, tzinfo=UTC)
    local = true.astimezone(ZoneInfo(get_tz(*place)))
    container = true if written_in_utc else local.replace(tzinfo=UTC)
    day_log = track(true - timedelta(hours=30), 10, place=place)  # tells the place, not the time
    clock = estimate_clock(video(local.strftime("%Y%m%d_%H%M%S"), container), day_log)
    # The hour that a change to winter time repeats is two moments for one local time.
    repeated = 3600 if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset() else 0
    assert off_by(clock.utc_at_zero, true) <= clock.uncertainty_s + repeated
    assert math.isfinite(clock.uncertainty_s)
