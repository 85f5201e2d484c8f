"""The clock between video and GPS, told from the drive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.driven import Drive, even_drive, seen, town_drive, written
from vision.timing.clock_offset import ClockOffset, clock_offset

SEARCH_S = (-20.0, 20.0)


def offset_of(drive: Drive, seconds: float, late_s: float, seed: int = 0, **receiver: float) -> ClockOffset:
    fix_s, gps = written(drive, late_s, seed, **receiver)
    return clock_offset(*seen(drive, seconds, seed), gps, fix_s, SEARCH_S)


@pytest.mark.parametrize(("doppler", "seconds"), [(True, 60.0), (False, 120.0)])
def test_most_offsets_are_told_to_three_tenths_and_all_to_what_they_state(doppler: bool, seconds: float) -> None:
    wrong = []
    for seed in range(8):
        late_s = float(np.random.default_rng(seed).uniform(-10, 10))
        found = offset_of(town_drive(seed, seconds), seconds, late_s, seed, doppler=doppler, lost=0.1)
        if found.told:
            wrong.append(abs(found.seconds - late_s))
            assert wrong[-1] <= found.uncertainty_s
    assert len(wrong) >= 6
    assert np.median(wrong) <= 0.3


@pytest.mark.parametrize("scale", [0.5, 2.5])
def test_a_wrong_scale_does_not_matter(scale: float) -> None:
    drive = town_drive(3, 60.0)
    fix_s, gps = written(drive, 4.0, doppler=True)
    found = clock_offset(*seen(drive, 60.0, scale=scale), gps, fix_s, SEARCH_S)
    assert found.seconds == pytest.approx(4.0, abs=0.4)


def test_speeds_without_direction_do() -> None:
    drive = town_drive(1, 60.0)
    fix_s, gps = written(drive, -3.0, doppler=True)
    found = clock_offset(*seen(drive, 60.0), replace(gps, heading_deg=gps.pts_s), fix_s, SEARCH_S)
    assert found.seconds == pytest.approx(-3.0, abs=0.4)


@pytest.mark.parametrize(
    ("drive", "seconds"), [(even_drive(60.0), 60.0), (even_drive(60.0, 0.0), 60.0), (town_drive(2, 5.0), 5.0)]
)
def test_an_even_drive_one_that_stands_and_a_short_one_tell_nothing(drive: Drive, seconds: float) -> None:
    found = offset_of(drive, seconds, 2.0)
    assert not found.told
    assert np.isnan(found.seconds)
    assert found.why_not


def test_the_log_of_another_drive_fits_nowhere() -> None:
    fix_s, gps = written(town_drive(11, 60.0), 0.0)
    assert not clock_offset(*seen(town_drive(12, 60.0), 60.0), gps, fix_s, SEARCH_S).told


def test_too_few_fixes_and_pictures_without_speed_tell_nothing() -> None:
    drive = town_drive(1, 60.0)
    fix_s, gps = written(drive, 0.0)
    frame_s, ego = seen(drive, 60.0)
    assert not clock_offset(frame_s, ego, gps, np.where(np.arange(len(fix_s)) < 5, fix_s, np.nan), SEARCH_S).told
    unknown = replace(ego, x_m=np.full(len(frame_s), np.nan))
    assert not clock_offset(frame_s, unknown, gps, fix_s, SEARCH_S).told
