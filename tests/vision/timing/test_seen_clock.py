"""When the pictures may put a clock right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.vision.driven import seen, town_drive, written
from vision.gps.track import GpsTrack
from vision.log import Clock
from vision.motion.route import fix_times
from vision.timing.seen_clock import seen_clock

TRUE = datetime(2026, 11, 24, 8, tzinfo=UTC)  # at PTS 0
DRIVE = town_drive(5, 60.0)
FRAME_S, EGO = seen(DRIVE, 60.0)


def external() -> GpsTrack:
    _, gps = written(DRIVE, 0.0, doppler=True)
    return replace(gps, utc_s=gps.utc_s + TRUE.timestamp())


def embedded(late_s: float) -> GpsTrack:
    gps = external()
    return replace(gps, pts_s=gps.utc_s - TRUE.timestamp() - late_s)


def clock(off_s: float, uncertainty_s: float, source: str = "container") -> Clock:
    return Clock(TRUE + timedelta(seconds=off_s), uncertainty_s, source, "Europe/Berlin", "as written")  # type: ignore[arg-type]


def error_s(found: Clock) -> float:
    assert found.utc_at_zero is not None
    return abs((found.utc_at_zero - TRUE).total_seconds())


@pytest.mark.parametrize("off_s", [-41.0, 0.0, 17.0])
def test_a_camera_clock_is_put_right_to_less_than_a_second(off_s: float) -> None:
    found, gps = seen_clock(clock(off_s, 60.0), external(), FRAME_S, EGO)
    assert error_s(found) <= found.uncertainty_s < 1.0
    assert error_s(found) <= 0.3
    assert (found.source, found.zone) == ("gps", "Europe/Berlin")
    assert "told from the drive" in found.note
    assert np.isnan(gps.pts_s).all()


def test_without_any_clock_the_log_tells_the_time() -> None:
    found, _ = seen_clock(Clock(None, np.inf, "unknown"), external(), FRAME_S, EGO)
    assert error_s(found) <= 0.3


def test_a_stated_clock_that_the_pictures_contradict_is_corrected_and_says_so() -> None:
    found, _ = seen_clock(clock(6.0, 1.0, "gps"), external(), FRAME_S, EGO)
    assert error_s(found) <= 0.3
    assert "contradict" in found.note


def test_fixes_that_lag_behind_their_pictures_are_moved_among_them() -> None:
    found, gps = seen_clock(clock(2.5, 1.0, "gps"), embedded(2.5), FRAME_S, EGO)
    assert fix_times(gps, found)[0] == pytest.approx(gps.utc_s[0] - TRUE.timestamp(), abs=0.3)
    assert error_s(found) <= 0.3


def test_a_camera_clock_does_not_move_with_fixes_that_are_bound_to_the_pictures() -> None:
    found, gps = seen_clock(clock(20.0, 60.0), embedded(3.0), FRAME_S, EGO)
    assert error_s(found) == 20.0
    assert gps.pts_s[0] == pytest.approx(gps.utc_s[0] - TRUE.timestamp(), abs=0.3)


def test_a_clock_set_by_hand_stands_and_the_contradiction_is_noted() -> None:
    by_hand = clock(6.0, 0.5, "manual")
    found, _ = seen_clock(by_hand, external(), FRAME_S, EGO)
    assert (found.utc_at_zero, found.source) == (by_hand.utc_at_zero, "manual")
    assert "contradict" in found.note


def test_a_good_clock_is_left_alone() -> None:
    good = clock(0.1, 0.3, "gps")
    assert seen_clock(good, external(), FRAME_S, EGO)[0] == good


def test_a_clock_that_may_be_days_off_is_not_searched_for() -> None:
    gps = external()
    days = replace(gps, utc_s=np.linspace(gps.utc_s[0], gps.utc_s[0] + 2e5, len(gps)))
    lost = Clock(None, np.inf, "unknown")
    assert seen_clock(lost, days, FRAME_S, EGO) == (lost, days)
