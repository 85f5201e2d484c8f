"""Pictures that do not keep their clock's pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from vision.geodesy import to_wgs84
from vision.gps.track import GpsTrack
from vision.log import Clock
from vision.motion.egomotion import EgoMotion, StepMotion
from vision.motion.flow import FlowStep
from vision.motion.route import fixes_in
from vision.timing.pace import believed_motion, breaks, pace_table

TIMES = np.arange(1, 61) / 6  # of the steps' ends
FRAME_S = np.arange(0, 61) / 6


def flow(repeated: np.ndarray, pixels: float = 5.0) -> list[FlowStep]:
    """Steps of 30 points; where `repeated`, none of them moves."""
    before = np.random.default_rng(0).uniform(0, 600, (30, 2)).astype(np.float32)
    return [
        FlowStep(time_s, 1 / 6, before, before + np.float32(0 if same else pixels), False)
        for time_s, same in zip(TIMES, repeated, strict=True)
    ]


def motions(dt_s: np.ndarray) -> list[StepMotion]:
    nothing = np.zeros(0, np.float32)
    ends = np.cumsum(dt_s)
    return [StepMotion(end, dt, 0.0, nothing, nothing, False, np.zeros(2)) for end, dt in zip(ends, dt_s, strict=True)]


def moving(speed: np.ndarray) -> EgoMotion:
    nothing = np.zeros(len(speed))
    return EgoMotion(nothing, nothing, nothing, speed, speed == 0)


EVEN = motions(np.full(60, 1 / 6))
STUCK = (TIMES > 4.0) & (TIMES <= 6.0)


def test_one_picture_over_and_over_in_the_middle_of_a_drive_is_frozen() -> None:
    ego = moving(np.where((FRAME_S > 4.0) & (FRAME_S <= 6.0), 0.0, 12.0))
    pace = pace_table(flow(STUCK), EVEN, FRAME_S, ego, 1.0)
    assert pace.kind.tolist() == ["frozen"]
    assert (pace.first_s[0], pace.last_s[0], pace.rate[0]) == (pytest.approx(4.0), pytest.approx(6.0), 0.0)
    honest = believed_motion(ego, FRAME_S, pace)
    assert np.isnan(honest.speed_mps[(FRAME_S >= 4.01) & (FRAME_S <= 5.99)]).all()
    assert not honest.standing.any()
    assert FRAME_S[breaks(FRAME_S, pace)] == pytest.approx([6.0 + 1 / 6])


def test_a_car_that_brakes_stands_and_starts_is_not_frozen_though_the_codec_repeats_the_picture() -> None:
    speed = np.interp(FRAME_S, [0, 2, 4, 6, 9], [8, 6, 0, 0, 8])
    assert not len(pace_table(flow(STUCK), EVEN, FRAME_S, moving(speed), 1.0).kind)


def test_a_picture_that_moves_a_little_is_not_repeated() -> None:
    ego = moving(np.full(len(FRAME_S), 12.0))
    assert not len(pace_table(flow(STUCK & False, pixels=0.3), EVEN, FRAME_S, ego, 1.0).kind)


def test_missing_pictures_are_told_and_cost_no_speed() -> None:
    dt = np.full(60, 1 / 6)
    dt[20] = 2.5
    ego = moving(np.full(len(FRAME_S), 12.0))
    pace = pace_table(flow(STUCK & False), motions(dt), FRAME_S, ego, 1.0)
    assert pace.kind.tolist() == ["missing"]
    assert pace.last_s[0] - pace.first_s[0] == pytest.approx(2.5)
    assert np.isfinite(believed_motion(ego, FRAME_S, pace).speed_mps).all()
    assert not breaks(FRAME_S, pace).any()


@pytest.mark.parametrize(("rate", "kind"), [(8.0, ["fast"]), (0.25, ["slow"]), (1.02, [])])
def test_a_receiver_whose_seconds_are_not_the_videos_shows_time_lapse_and_slow_motion(
    rate: float, kind: list[str]
) -> None:
    pts = np.arange(0.0, 20.0)
    nothing = np.full(len(pts), np.nan)
    lon, lat = to_wgs84((8.4, 49.0), 10.0 * rate * pts, 0.0 * pts)
    gps = GpsTrack(1.8e9 + np.floor(rate * pts), pts, lon, lat, nothing, nothing, nothing, "freegps")
    fixes = fixes_in(gps, Clock(datetime(2026, 11, 24, tzinfo=UTC), 1.0, "gps"), 0.0, 20.0)
    assert fixes is not None
    ego = moving(np.full(len(FRAME_S), 12.0))
    pace = pace_table(flow(STUCK & False), EVEN, FRAME_S, ego, fixes.rate)
    assert pace.kind.tolist() == kind
    assert np.isnan(believed_motion(ego, FRAME_S, pace).speed_mps).all() == bool(kind)


def test_without_frames_or_speed_there_is_nothing_to_tell() -> None:
    assert not len(pace_table([], [], np.zeros(0), moving(np.zeros(0)), 1.0).kind)
    unknown = replace(moving(np.zeros(len(FRAME_S))), speed_mps=np.full(len(FRAME_S), np.nan))
    assert not len(pace_table(flow(STUCK), EVEN, FRAME_S, unknown, 1.0).kind)
