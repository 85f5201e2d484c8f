"""Simulated drives, whose truth is exact, held against what perception has to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from pipelines.evaluation.clips import DriveScore
from pipelines.evaluation.follow import Identity, total_identity
from pipelines.evaluation.ground import PlaceScore, SpeedScore
from pipelines.evaluation.rest import RestScore, rest_score
from pipelines.evaluation.shares import Share, share

KMH: Final = 3.6
PLACE_M, PLACE_SHARE = 1.0, 0.07
REST_F1: Final = 0.97
SPEED_KMH: Final = 1.5
SWITCHES_PER_100_S: Final = 1.0
CLOCK_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class SimulatedRow:
    """One drive's log; `gps`: whether it was made with positions."""

    drive: str
    gps: bool
    places: PlaceScore
    speeds: SpeedScore
    rest: RestScore
    identity: Identity


@dataclass(frozen=True, slots=True)
class Goal:
    """`value` should be at most or at least `limit`; NaN where nothing was measured."""

    name: str
    value: float
    sense: Literal["<=", ">="]
    limit: float

    @property
    def reached(self) -> bool:
        return self.value <= self.limit if self.sense == "<=" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class SimulatedReport:
    """`goals`: of the logs with GPS. `goals_without`: of those without, whose scale is a guess.

    Attributes:
        clock_told: drives of which the offset between the clocks was told; `clock`: the median error of these, seconds.
    """

    drives: tuple[SimulatedRow, ...]
    clock_told: Share
    clock: Goal
    goals: tuple[Goal, ...]
    goals_without: tuple[Goal, ...]


def simulated_report(scores: Sequence[DriveScore], clock_errors: Sequence[float]) -> SimulatedReport:
    """`clock_errors`: one of each drive, NaN where the offset was not told."""
    rows = (
        SimulatedRow(each.truth.name, each.gps, each.places, each.speeds, each.rest, each.identity) for each in scores
    )
    return SimulatedReport(
        tuple(rows),
        share(int(np.isfinite(clock_errors).sum()), len(clock_errors)),
        Goal("clock off where told, s", _median(clock_errors), "<=", CLOCK_S),
        _goals([score for score in scores if score.gps]),
        _goals([score for score in scores if not score.gps]),
    )


def _goals(scores: Sequence[DriveScore]) -> tuple[Goal, ...]:
    """Places and speeds: the median drive's median, so that each drive counts once."""
    identity = total_identity([score.identity for score in scores])
    per_100_s = 100.0 * identity.switches / identity.seconds if identity.seconds else float("nan")
    rest = rest_score([decision for score in scores for decision in score.decisions])
    return (
        Goal("places off, m", _median([score.places.error_m for score in scores]), "<=", PLACE_M),
        Goal("places off, share of range", _median([score.places.error_share for score in scores]), "<=", PLACE_SHARE),
        Goal("at rest, F1", rest.f1, ">=", REST_F1),
        Goal("ego speed off, km/h", KMH * _median([score.speeds.error_mps for score in scores]), "<=", SPEED_KMH),
        Goal("switches per 100 s", per_100_s, "<=", SWITCHES_PER_100_S),
    )


def _median(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")
