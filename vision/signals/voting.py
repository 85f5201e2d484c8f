"""The state of each signal head over time, told from all looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vision.belief import agreed
from vision.log import Floats, SignalTable
from vision.signals.lamp_model import STATES, STEADY, likelihood, posterior


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """When looks at a head make an interval of one state.

    Attributes:
        sure: probability from which a state is told; the head is `unknown` then otherwise.
        gap_s: a longer time without a look ends an interval. After less the lamp that shows the same again cannot have
            changed in between: green lasts 5 s at least (RiLSA 2015), and yellow follows it.
    """

    sure: float = 0.8
    gap_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Head:
    """All looks at a signal head's track, in order of time; several may be of one time.

    Attributes:
        time_s: (N,). share: (N, 5) what each look took for how likely, of the steady states; rows add to 1.
        confidence: (N,) 0..1 that it saw a head. native: (N,) at the video's resolution at least.
    """

    track: int
    time_s: Floats
    share: Floats
    confidence: NDArray[np.float32]
    native: NDArray[np.bool_]


def signal_table(heads: Sequence[Head], settings: SignalSettings) -> SignalTable:
    """Intervals in which each head surely showed one state, in order of head and time."""
    parts = [part for head in heads for part in _intervals(head, settings)]
    return SignalTable(
        np.array([part.track for part in parts], np.int32),
        np.array([part.state for part in parts], dtype="<U15"),
        *(np.array([getattr(part, spec.name) for part in parts], np.float64) for spec in fields(_Interval)[2:]),
    )


@dataclass(frozen=True, slots=True)
class _Interval:
    track: int
    state: str
    first_s: float
    last_s: float
    confidence: float


def _intervals(head: Head, settings: SignalSettings) -> list[_Interval]:
    if not len(head.time_s):
        return []
    time_s, seen = _by_time(head)
    probability = posterior(time_s, seen)
    state = np.where(probability.max(axis=1) >= settings.sure, probability.argmax(axis=1), len(STATES))
    # In a flash every look tells the state, otherwise those that show it themselves: a change lies between them.
    tells = (seen[np.arange(len(seen)), np.minimum(state, STEADY - 1)] == 1.0) | (state >= STEADY)
    seen_surely = agreed(head.confidence)
    found = []
    for rows in _runs(time_s, state, settings.gap_s):
        told, shown = rows[tells[rows]], int(state[rows[0]])
        if len(told) and (shown < len(STATES) or len(rows) > 1):
            name = (*STATES, "unknown")[shown]
            sure = seen_surely * float(probability[rows].max(axis=1).mean())
            found.append(_Interval(head.track, name, float(time_s[told[0]]), float(time_s[told[-1]]), sure))
    return found


def _by_time(head: Head) -> tuple[Floats, Floats]:
    """Times with a look, and (N, 5) the likelihood of all looks then together."""
    each = likelihood(head.share, head.confidence.astype(float), head.native)
    time_s, inverse = np.unique(head.time_s, return_inverse=True)
    seen = np.ones((len(time_s), each.shape[1]))
    np.multiply.at(seen, inverse, each)
    return time_s, np.asarray(seen / seen.max(axis=1, keepdims=True))


def _runs(times: Floats, state: NDArray[np.intp], gap_s: float) -> list[NDArray[np.intp]]:
    breaks = np.flatnonzero((np.diff(state) != 0) | (np.diff(times) > gap_s)) + 1
    return np.split(np.arange(len(times)), breaks)
