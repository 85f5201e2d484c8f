"""Planted against found, one to one: the nearest in place and time win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipelines.incident import Incident
from pipelines.simulate.truth import LookAlike, Planted
from vision.geodesy import to_local

_FAR = 1e6


@dataclass(frozen=True, slots=True)
class Pair:
    """`metres`: between planted and found place; None where the incident has none."""

    planted: Planted
    incident: Incident
    metres: float | None


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """`look_alike`: what it was probably mistaken for, the nearest of its kind within reach."""

    incident: Incident
    look_alike: LookAlike | None


@dataclass(frozen=True, slots=True)
class Score:
    found: tuple[Pair, ...]
    missed: tuple[Planted, ...]
    false_alarms: tuple[FalseAlarm, ...]


def match(
    planted: Sequence[Planted],
    look_alikes: Sequence[LookAlike],
    incidents: Sequence[Incident],
    *,
    slack_s: float = 2.0,
    reach_m: float = 12.0,
) -> Score:
    """Pairs incidents with what was planted in the same file: same kind, times that overlap within `slack_s`, places
    within `reach_m` plus the incident's own uncertainty. As many pairs as possible, then the nearest.
    """
    cost = np.array([[_distance(truth, found, slack_s, reach_m) for found in incidents] for truth in planted])
    pairs = []
    if cost.size:
        rows, columns = linear_sum_assignment(cost)
        pairs = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if cost[r, c] < _FAR]
    found = tuple(Pair(planted[r], incidents[c], _metres(planted[r], incidents[c])) for r, c in pairs)
    hit_rows, hit_columns = {r for r, _ in pairs}, {c for _, c in pairs}
    return Score(
        found,
        tuple(truth for row, truth in enumerate(planted) if row not in hit_rows),
        tuple(
            FalseAlarm(incident, _mistaken_for(incident, look_alikes, reach_m))
            for column, incident in enumerate(incidents)
            if column not in hit_columns
        ),
    )


def _distance(truth: Planted, found: Incident, slack_s: float, reach_m: float) -> float:
    if truth.kind is not found.kind or truth.file != found.file.name:
        return _FAR
    if found.pts_end < truth.start_s - slack_s or found.pts_start > truth.end_s + slack_s:
        return _FAR
    metres = _metres(truth, found)
    if metres is None:
        return reach_m
    allowed = reach_m + (found.location.accuracy_m if found.location else 0.0)
    wrong_subtype = 0.5 * reach_m if truth.subtype != found.subtype else 0.0
    return metres + wrong_subtype if metres <= allowed else _FAR


def _metres(there: Planted | LookAlike, found: Incident) -> float | None:
    if found.location is None:
        return None
    x, y = to_local((there.lon, there.lat), np.array(found.location.lon), np.array(found.location.lat))
    return float(np.hypot(x, y))


def _mistaken_for(incident: Incident, look_alikes: Sequence[LookAlike], reach_m: float) -> LookAlike | None:
    near = [
        (metres, other)
        for other in look_alikes
        if other.kind is incident.kind and other.file == incident.file.name
        if (metres := _metres(other, incident)) is not None and metres <= reach_m
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None
