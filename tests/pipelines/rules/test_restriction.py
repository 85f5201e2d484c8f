"""Whether a restriction holds at an uncertain time: told where it is sure, never silently dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import opening_hours
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.rules.restriction import InForce, in_force
from vision.log import Clock

BERLIN = "Europe/Berlin"
WORKDAY = "2026-11-25"  # a Wednesday
HOUR_S = 3600.0


def clock(local: str, uncertainty_s: float) -> Clock:
    return Clock(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC), uncertainty_s, "gps")


@pytest.mark.parametrize(
    ("hours", "local", "uncertain_h", "stop_h", "expected"),
    [
        ("Mo-Fr 07:30-09:30", "08:30", 4.0, 0.05, "unknown"),  # the window lies within the clock's error
        ("Mo-Fr 07:30-19:00", "12:00", 12.0, 0.05, "unknown"),
        ("Mo-Fr 07:30-09:30", "06:00", 0.0, 4.0, "yes"),  # and within the stop
        ("Mo-Fr 07:30-09:30", "06:00", 0.1, 4.0, "yes"),
        ("Mo-Fr 07:30-09:30", "06:00", 2.6, 4.0, "unknown"),  # it may have left before
        ("Mo-Fr 07:30-12:00,13:00-19:00", "12:30", 4.0, 0.05, "unknown"),  # a gap in the hours
        ("Mo-Fr 07:30-19:00", "09:00", 1.0, 4.0, "yes"),
        ("Mo-Fr 07:30-19:00", "19:30", 0.1, 4.0, "no"),
        ("Mo-Fr 07:30-19:00", "07:29", 0.0, 1 / 40, "unknown"),  # 30 s of it, which are lawful
        ("Sa,Su 07:30-19:00", "12:00", 12.0, 0.05, "no"),
        ("Mo-Fr 07:30-19:00 unknown", "12:00", 0.1, 4.0, "unknown"),  # as its author says
        ("Mo-Fr 07:30-19:00", "12:00", 0.0, 0.0, "yes"),
        ("Mo-Fr 07:30-19:00", "06:00", 0.0, 0.0, "no"),
    ],
)
def test_only_what_is_sure_is_said(
    hours: str, local: str, uncertain_h: float, stop_h: float, expected: InForce
) -> None:
    told = clock(f"{WORKDAY} {local}", uncertain_h * HOUR_S)
    assert in_force(hours, told, BERLIN, 0.0, stop_h * HOUR_S, lawful_s=60.0) == expected


def test_what_is_only_looked_at_must_lie_within_the_hours() -> None:
    told = clock(f"{WORKDAY} 07:20", 0.0)
    assert in_force("Mo-Fr 07:30-19:00", told, BERLIN, 0.0, 1200.0) == "unknown"
    assert in_force("Mo-Fr 07:30-19:00", told, BERLIN, 601.0, 1200.0) == "yes"


def test_the_hour_that_comes_twice_is_counted_twice() -> None:
    told = Clock(datetime(2026, 10, 24, 23, 0, tzinfo=UTC), 0.0, "gps")  # 01:00 in the night that is an hour longer
    assert in_force("01:30-02:45", told, BERLIN, 0.0, 4 * HOUR_S, lawful_s=2.2 * HOUR_S) == "yes"  # 2 h 15 min
    assert in_force("01:30-02:45", told, BERLIN, 0.0, 4 * HOUR_S, lawful_s=2.3 * HOUR_S) == "unknown"


def test_in_a_zone_without_a_table_nothing_is_sure() -> None:
    told = clock(f"{WORKDAY} 12:00", 0.0)
    assert in_force("Mo-Fr 07:30-19:00", told, "Factory", 0.0, 60.0) == "unknown"


MINUTES = st.integers(0, 24 * 60 - 1)


@given(MINUTES, MINUTES, MINUTES, st.integers(1, 600), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_minute_by_minute_it_is_the_same(opens: int, closes: int, begins: int, stop: int, slack: int) -> None:
    if opens == closes:
        return
    hours = f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
    start = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=begins)
    rule = opening_hours.OpeningHours(hours)
    moments = (start + timedelta(minutes=m) for m in range(-slack, stop + slack))
    is_open = [rule.is_open(moment.replace(tzinfo=None)) for moment in moments]
    least = min(sum(is_open[late : late + stop]) for late in range(2 * slack + 1))
    expected = "yes" if all(is_open) or least > 30 else "unknown" if any(is_open) else "no"
    told = Clock(start, 60.0 * slack, "gps")
    assert in_force(hours, told, "UTC", 0.0, 60.0 * stop, lawful_s=60.0 * 30) == expected
