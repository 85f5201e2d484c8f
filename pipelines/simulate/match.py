"""Planted against found, one to one: the nearest in place and time win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipelines.incident import Grade, Kind
from pipelines.simulate.truth import LookAlike, Planted
from vision.geodesy import to_local

_IMPOSSIBLE = 1e6


@dataclass(frozen=True, slots=True)
class Found:
    """An incident as the product stored it. `lon`, `lat` (WGS 84), `accuracy_m`: None when unplaced."""

    kind: Kind
    subtype: str | None
    grade: Grade
    missing: tuple[str, ...]
    confidence: float
    file: str
    pts_start: float
    pts_end: float
    lon: float | None
    lat: float | None
    accuracy_m: float | None

    @property
    def counted(self) -> bool:
        return self.grade is not Grade.INSUFFICIENT


@dataclass(frozen=True, slots=True)
class Pair:
    """`metres`: between planted and found place; None where what was found has none."""

    planted: Planted
    found: Found
    metres: float | None


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """`look_alike`: what it was probably mistaken for, the nearest of its kind within reach."""

    found: Found
    look_alike: LookAlike | None


@dataclass(frozen=True, slots=True)
class Score:
    """`false_alarms` are counted incidents that nothing planted explains; `notes` are such sightings that are graded
    insufficient, which no tally counts.
    """

    pairs: tuple[Pair, ...]
    missed: tuple[Planted, ...]
    false_alarms: tuple[FalseAlarm, ...]
    notes: tuple[FalseAlarm, ...]


def match(
    planted: Sequence[Planted],
    look_alikes: Sequence[LookAlike],
    found: Sequence[Found],
    *,
    slack_s: float = 2.0,
    reach_m: float = 12.0,
) -> Score:
    """Pairs what was found with what was planted in the same file: same kind, times that overlap within `slack_s`,
    places within `reach_m` plus the found place's own uncertainty. As many pairs as possible, then the nearest.
    """
    pairs = _pairs(planted, found, slack_s, reach_m)
    hit = {id(pair.planted) for pair in pairs}
    explained = {id(pair.found) for pair in pairs}
    alarms = [FalseAlarm(f, _mistaken_for(f, look_alikes, reach_m)) for f in found if id(f) not in explained]
    return Score(
        pairs,
        tuple(truth for truth in planted if id(truth) not in hit),
        tuple(alarm for alarm in alarms if alarm.found.counted),
        tuple(alarm for alarm in alarms if not alarm.found.counted),
    )


def _pairs(planted: Sequence[Planted], found: Sequence[Found], slack_s: float, reach_m: float) -> tuple[Pair, ...]:
    cost = np.array([[_cost(truth, one, slack_s, reach_m) for one in found] for truth in planted])
    if not cost.size:
        return ()
    rows, columns = linear_sum_assignment(cost)
    chosen = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if cost[r, c] < _IMPOSSIBLE]
    return tuple(Pair(planted[r], found[c], _metres(planted[r], found[c])) for r, c in chosen)


def _cost(truth: Planted, found: Found, slack_s: float, reach_m: float) -> float:
    """Metres apart, and what else makes a pair unlikely in metres."""
    if truth.kind is not found.kind or truth.file != found.file:
        return _IMPOSSIBLE
    if found.pts_end < truth.start_s - slack_s or found.pts_start > truth.end_s + slack_s:
        return _IMPOSSIBLE
    uncounted = 0.0 if found.counted or truth.grade is Grade.INSUFFICIENT else 4 * reach_m
    other_subtype = 0.5 * reach_m if truth.subtype != found.subtype else 0.0
    metres = _metres(truth, found)
    if metres is None:
        return reach_m + uncounted + other_subtype
    if metres > reach_m + (found.accuracy_m or 0.0):
        return _IMPOSSIBLE
    return metres + uncounted + other_subtype


def _metres(there: Planted | LookAlike, found: Found) -> float | None:
    if found.lon is None or found.lat is None:
        return None
    x, y = to_local((there.lon, there.lat), np.array(found.lon), np.array(found.lat))
    return float(np.hypot(x, y))


def _mistaken_for(found: Found, look_alikes: Sequence[LookAlike], reach_m: float) -> LookAlike | None:
    near = [
        (metres, other)
        for other in look_alikes
        if other.kind is found.kind and other.file == found.file
        if (metres := _metres(other, found)) is not None and metres <= reach_m + (found.accuracy_m or 0.0)
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None
