"""Whether the log says rightly which vehicles stood."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import VEHICLES, class_ids
from pipelines.evaluation.clip_truth import AT_REST, ClipTruth, Event
from pipelines.evaluation.drive_truth import DriveTruth
from pipelines.evaluation.follow import Sight, follow, tracks_of
from pipelines.evaluation.ground import FARTHEST_M
from pipelines.evaluation.tables import Box
from vision.log import ObservationLog
from vision.places.rest import STANDS

VEHICLE_IDS: Final = class_ids(VEHICLES)
LEAST_S: Final = 1.0  # within which nobody could tell whether a vehicle stands
# Labels of single moments: a frame that was looked at may lie a little off, and the camera drives past.
_MOMENT_S: Final = 0.1
_MOMENT_IOU: Final = 0.4


class Told(StrEnum):
    """What the log says of a vehicle."""

    STOOD = "stood"
    MOVED = "moved"
    UNKNOWN = "unknown"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class RestDecision:
    """`stood`: the truth. `time_s`, `box`: where the vehicle is seen largest."""

    subject: str
    stood: bool
    told: Told
    time_s: float
    box: Box


@dataclass(frozen=True, slots=True)
class RestScore:
    """Of vehicles: how many stood, moved, and what was said of them.

    Attributes:
        right, wrong, unknown, unseen: of those that stood.
        held: vehicles that moved and are said to have stood. moved: all that moved.
        f1: of "it stood": what is unknown or unseen counts as missed; NaN where nothing stood.
    """

    stood: int
    right: int
    wrong: int
    unknown: int
    unseen: int
    moved: int
    held: int
    f1: float


@dataclass(frozen=True, slots=True)
class _Moment:
    """An `at_rest` event as a sight."""

    subject: str
    time_s: float
    box: Box


def clip_rest(truth: ClipTruth, log: ObservationLog) -> list[RestDecision]:
    """Of the clip's vehicles that surely stood while the camera passed."""
    events = [event for event in truth.events if event.kind == AT_REST and event.sure and event.boxes]
    sights = [_moment(event, number) for number, event in enumerate(events)]
    rows = follow(sights, log, VEHICLE_IDS, slack_s=_MOMENT_S, least_iou=_MOMENT_IOU)
    return decisions(sights, dict.fromkeys((sight.subject for sight in sights), True), rows, log)


def _moment(event: Event, number: int) -> _Moment:
    return _Moment(event.note or f"{event.kind} {number}", *event.boxes[-1])


def seen_long(truth: DriveTruth) -> dict[str, bool]:
    """Whether each vehicle stood that is labelled within `FARTHEST_M` for `LEAST_S` and longer, and of which it is
    known. Of others nobody could tell.
    """
    times: dict[str, list[float]] = defaultdict(list)
    for sight in truth.vehicles:
        if np.hypot(sight.forward_m, sight.left_m) <= FARTHEST_M:
            times[sight.subject].append(sight.time_s)
    long = {subject for subject, seen in times.items() if seen[-1] - seen[0] >= LEAST_S}
    return {subject: stood for subject, stood in truth.stood.items() if subject in long}


def decisions(
    sights: Sequence[Sight], stood: dict[str, bool], rows: NDArray[np.intp], log: ObservationLog
) -> list[RestDecision]:
    """Of each subject in `stood` that has sights, by the track that shows it most often. `rows`: of `follow`."""
    of_track = dict(zip(log.tracks.track.tolist(), log.tracks.at_rest.tolist(), strict=True))
    shown = tracks_of(sights, rows, log)
    largest: dict[str, Sight] = {}
    for sight in sights:
        if sight.subject not in largest or _size(sight) > _size(largest[sight.subject]):
            largest[sight.subject] = sight
    found = []
    for subject, truth in stood.items():
        if subject not in largest:
            continue
        tracks = shown.get(subject)
        told = Told.UNSEEN if tracks is None else _told(of_track[Counter(tracks).most_common(1)[0][0]])
        found.append(RestDecision(subject, truth, told, largest[subject].time_s, largest[subject].box))
    return found


def _told(at_rest: float) -> Told:
    if np.isnan(at_rest):
        return Told.UNKNOWN
    return Told.STOOD if at_rest >= STANDS else Told.MOVED


def _size(sight: Sight) -> float:
    x1, y1, x2, y2 = sight.box
    return (x2 - x1) * (y2 - y1)


def rest_score(found: Sequence[RestDecision]) -> RestScore:
    told = Counter((each.stood, each.told) for each in found)
    stood, moved = sum(each.stood for each in found), sum(not each.stood for each in found)
    right, held = told[True, Told.STOOD], told[False, Told.STOOD]
    f1 = 2 * right / (stood + right + held) if stood else float("nan")
    return RestScore(
        stood, right, told[True, Told.MOVED], told[True, Told.UNKNOWN], told[True, Told.UNSEEN], moved, held, f1
    )
