"""Does a video show the world at the pace of its clock? Frozen and missing pictures, time-lapse and slow motion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.motion.egomotion import FEWEST_POINTS, EgoMotion, StepMotion
from vision.motion.flow import FlowStep
from vision.tables.pace import PaceKind, PaceTable

# Native pixels by which most corners move: codecs refine a picture that is repeated. A resting scene is as still, so a
# repeated picture is only odd where the camera drove.
REPEATED_PX: Final = 0.1
REPEATED_SHARE: Final = 0.75
JOINED_S: Final = 0.5  # a key frame in a frozen stretch changes the picture a little
FROZEN_S: Final = 0.3
# Emergency braking is 8-10 m/s^2; the speed is read this long before and after, clear of its smoothing.
HARDEST_MPS2: Final = 10.0
AROUND_S: Final = 0.7
MISSING_S: Final = 1.0
MISSING_TIMES: Final = 3.0  # the usual time between two steps
TRUE_PACE: Final = (0.8, 1.25)  # clocks of cameras and receivers agree far better; files are re-timed by 2 and more

Span = tuple[PaceKind, float, float, float]


def pace_table(
    flow: Iterable[FlowStep], motions: Sequence[StepMotion], frame_s: Floats, ego: EgoMotion, rate: float
) -> PaceTable:
    """What is not to be believed of a video.

    Args:
        flow, motions: of the same steps. ego: of the pictures alone, at (F,) `frame_s`.
        rate: GPS seconds per second of the video, 1 where unknown.
    """
    if not len(frame_s):
        return PaceTable.empty()
    spans = [*_frozen(flow, frame_s, ego), *_missing(motions)]
    if not TRUE_PACE[0] < rate < TRUE_PACE[1]:
        spans.append(("fast" if rate > 1 else "slow", float(frame_s[0]), float(frame_s[-1]), rate))
    spans.sort(key=lambda span: span[1])
    columns = list(zip(*spans, strict=True)) or [(), (), (), ()]
    return PaceTable(np.array(columns[0], "<U7"), *(np.array(column, np.float64) for column in columns[1:]))


def believed_motion(ego: EgoMotion, frame_s: Floats, pace: PaceTable) -> EgoMotion:
    """Ego motion without the speed, and without standing, where it was read off such pictures."""
    doubtful = np.zeros(len(frame_s), bool)
    for kind, first, last in zip(pace.kind, pace.first_s, pace.last_s, strict=True):
        if kind != "missing":
            doubtful |= (frame_s >= first) & (frame_s <= last)
    return replace(ego, speed_mps=np.where(doubtful, np.nan, ego.speed_mps), standing=ego.standing & ~doubtful)


def breaks(frame_s: Floats, pace: PaceTable) -> NDArray[np.bool_]:
    """(F,) frames before which the world went on unseen behind a frozen picture: nothing may be carried over."""
    broken = np.zeros(len(frame_s), bool)
    rows = np.searchsorted(frame_s, pace.last_s[pace.kind == "frozen"], side="right")
    broken[rows[rows < len(frame_s)]] = True
    return broken


def _frozen(flow: Iterable[FlowStep], frame_s: Floats, ego: EgoMotion) -> list[Span]:
    known = np.isfinite(ego.speed_mps)
    if not known.any():
        return []

    def speed(time_s: float) -> float:
        return float(np.interp(time_s, frame_s[known], ego.speed_mps[known]))

    too_fast = HARDEST_MPS2 * AROUND_S
    spans: list[Span] = []
    for first, last in _repeated(flow):
        drove = max(speed(first - AROUND_S), speed(last + AROUND_S)) > too_fast
        if last - first >= FROZEN_S and drove:
            spans.append(("frozen", first, last, 0.0))
    return spans


def _repeated(flow: Iterable[FlowStep]) -> list[tuple[float, float]]:
    """Begin and end of the stretches in which every picture is the one before."""
    found: list[tuple[float, float]] = []
    for step in flow:
        same = len(step.before) >= FEWEST_POINTS and _moved(step) < REPEATED_PX
        begin = step.time_s - step.dt_s
        if same and found and begin - found[-1][1] < JOINED_S:
            found[-1] = (found[-1][0], step.time_s)
        elif same:
            found.append((begin, step.time_s))
    return found


def _moved(step: FlowStep) -> float:
    return float(np.quantile(np.abs(step.after - step.before).max(axis=1), REPEATED_SHARE))


def _missing(motions: Sequence[StepMotion]) -> list[Span]:
    if not motions:
        return []
    usual = float(np.median([motion.dt_s for motion in motions]))
    longest = max(MISSING_S, MISSING_TIMES * usual)
    gaps = [(motion.time_s - motion.dt_s, motion.time_s) for motion in motions if motion.dt_s > longest]
    return [("missing", first, last, float("nan")) for first, last in gaps]
