"""The state of each signal head over time, voted from single looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES
from vision.log import Floats, SignalTable

STATES: Final = ("red", "yellow", "green", "off")
STATE_OF: Final[NDArray[np.intp]] = np.array(
    [STATES.index(name.removeprefix("light_")) if name.startswith("light_") else -1 for name in STREET_CLASSES], np.intp
)


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """Attributes:
    half_window_s: looks this near in time vote together.
    far_weight: of a look that shows the head too small to be believed.
    least_share: of the votes that a state needs, otherwise the head is `unknown` then.
    lone_share: of the votes that a single look needs to be an interval by itself.
    gap_s: a longer time without a look ends an interval, as nothing is known in between.
    shortest_s: a single look between two intervals of another state is an error, unless it lasts this long.
    """

    half_window_s: float = 0.35
    far_weight: float = 0.25
    least_share: float = 0.55
    lone_share: float = 0.75
    gap_s: float = 1.5
    shortest_s: float = 0.25


@dataclass(frozen=True, slots=True)
class Head:
    """A signal head's track: (N,) times, classes, confidences, and whether each look was close enough."""

    track: int
    time_s: Floats
    class_id: NDArray[np.int16]
    confidence: NDArray[np.float32]
    close: NDArray[np.bool_]


def signal_table(heads: list[Head], settings: SignalSettings) -> SignalTable:
    """Intervals in which each head surely showed one state, in order of head and time."""
    parts = [part for head in heads for part in _intervals(head, settings)]
    return SignalTable(
        np.array([part.track for part in parts], np.int32),
        np.array([part.state for part in parts], dtype="<U7"),
        np.array([part.first_s for part in parts], np.float64),
        np.array([part.last_s for part in parts], np.float64),
        np.array([part.confidence for part in parts], np.float64),
    )


@dataclass(frozen=True, slots=True)
class _Interval:
    track: int
    state: str
    first_s: float
    last_s: float
    confidence: float


def _intervals(head: Head, settings: SignalSettings) -> list[_Interval]:
    state, share = _voted(head, settings)
    agrees = STATE_OF[head.class_id] == state
    state = np.where(state < 0, len(STATES), state)
    runs = _without_flicker(_runs(head.time_s, state, settings.gap_s), head.time_s, state, settings)
    found = []
    for rows in runs:
        shown = int(state[rows[0]])
        told = rows[agrees[rows]] if shown < len(STATES) else rows
        lone = len(rows) == 1 and share[rows[0]] < settings.lone_share
        if len(told) and not lone and (shown < len(STATES) or len(rows) > 1):
            name = STATES[shown] if shown < len(STATES) else "unknown"
            times = head.time_s[told]
            found.append(_Interval(head.track, name, float(times[0]), float(times[-1]), float(share[told].mean())))
    return found


def _voted(head: Head, settings: SignalSettings) -> tuple[NDArray[np.intp], Floats]:
    """State (index into `STATES`, -1 unknown) at each look by the votes around it, and its share of them."""
    weight = head.confidence.astype(float) * np.where(head.close, 1.0, settings.far_weight)
    own = STATE_OF[head.class_id]
    votes = np.zeros((len(own), len(STATES)))
    for row, time_s in enumerate(head.time_s):
        near = np.abs(head.time_s - time_s) <= settings.half_window_s
        votes[row] = np.bincount(own[near], weights=weight[near], minlength=len(STATES))
    share = votes.max(axis=1) / np.maximum(votes.sum(axis=1), 1e-9)
    # Where the votes are split a change is near: the look itself decides then.
    best = np.where(share >= settings.least_share, votes.argmax(axis=1), own)
    believed = votes.max(axis=1) >= settings.far_weight * 0.4
    return np.where(believed, best, -1), share


def _runs(times: Floats, state: NDArray[np.intp], gap_s: float) -> list[NDArray[np.intp]]:
    if not len(times):
        return []
    breaks = np.flatnonzero((np.diff(state) != 0) | (np.diff(times) > gap_s)) + 1
    return np.split(np.arange(len(times)), breaks)


def _without_flicker(
    runs: list[NDArray[np.intp]], times: Floats, state: NDArray[np.intp], settings: SignalSettings
) -> list[NDArray[np.intp]]:
    """Short runs between two runs of one other state join them."""
    kept: list[NDArray[np.intp]] = []
    for index, rows in enumerate(runs):
        before = kept[-1] if kept else None
        after = runs[index + 1] if index + 1 < len(runs) else None
        short = len(rows) < 2 or times[rows[-1]] - times[rows[0]] < settings.shortest_s
        if (before is not None and after is not None and short and state[before[0]] == state[after[0]]) or (
            before is not None
            and state[before[0]] == state[rows[0]]
            and times[rows[0]] - times[before[-1]] <= settings.gap_s
        ):
            kept[-1] = np.concatenate([before, rows])
        else:
            kept.append(rows)
    return kept
