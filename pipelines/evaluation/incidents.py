"""Incidents against labelled events of one clip and one kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipelines.evaluation.clip_truth import WAITING, ClipTruth, Event, Window
from pipelines.incident import Finding, Grade, Kind
from pipelines.rules.protocol import Scene
from vision.log import Floats
from vision.overlap import Boxes, cover

# An incident is an event's when it is this near in time, and covers its box (or is covered) where both are seen.
NEAR_S: Final = 1.5
LEAST_COVER: Final = 0.4
SAME_TIME_S: Final = 0.2
# A second apart weighs as much as a fifth of the overlap.
_OVERLAP_S: Final = 5.0
# Which of the two a vehicle over the line on red has done is not always told.
_OVER_THE_LINE: Final = frozenset({Kind.RED_LIGHT_RUNNING, Kind.STOP_LINE_OVERRUN})


@dataclass(frozen=True, slots=True)
class SubjectPath:
    """(N,) times and (N, 4) boxes at which a thing was seen."""

    time_s: Floats
    boxes: Boxes


Paths = Mapping[int, SubjectPath]  # by track


@dataclass(frozen=True, slots=True)
class Hit:
    event: Event
    incident: Finding


@dataclass(frozen=True, slots=True)
class InWindow:
    """What a window whose list is complete tells."""

    window: Window
    hits: tuple[Hit, ...]
    misses: tuple[Event, ...]
    false_alarms: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class KindScore:
    """Attributes:
    hits, misses: of the sure events. likely_hits, likely_misses: of those that are merely likely.
    false_alarms: incidents in a complete window that no event explains. hits_in_windows: incidents there that one does.
    waiters: labelled vehicles that wait as they should; reported_waiters: incidents on them, wherever they lie.
    unscored: incidents on ambiguous things or outside every complete window: neither right nor wrong.
    """

    clip: str
    kind: Kind
    hits: tuple[Hit, ...]
    misses: tuple[Event, ...]
    likely_hits: tuple[Hit, ...]
    likely_misses: tuple[Event, ...]
    false_alarms: tuple[Finding, ...]
    hits_in_windows: tuple[Hit, ...]
    waiters: tuple[Event, ...]
    reported_waiters: tuple[Finding, ...]
    unscored: tuple[Finding, ...]
    windows: tuple[InWindow, ...]


def score_kind(truth: ClipTruth, kind: Kind, findings: Iterable[Finding], paths: Paths) -> KindScore:
    """One to one; insufficient sightings are no incidents. `paths`: to see an incident's subject apart from the
    moments that its evidence shows.
    """
    incidents = [each for each in findings if each.kind is kind and each.grade is not Grade.INSUFFICIENT]
    events = [event for event in truth.events if event.kind == kind]
    hits = _pairs([event for event in events if event.sure], incidents, paths)
    rest = _without(incidents, hits)
    likely = _pairs([event for event in events if not event.sure], rest, paths)
    rest = _without(rest, likely)
    unclear = [event for event in truth.events if _spares(event, kind)]
    wrong = [each for each in rest if not any(_same(event, each, paths) for event in unclear)]
    waiters = _waiters(truth, kind)
    reported = [each for each in wrong if any(_waits(waiter, each, paths) for waiter in waiters)]
    windows = [window for window in truth.windows if _tells_of(window, kind)]
    alarms = [each for each in wrong if _inside(each, kind, windows)]
    met = {id(hit.event) for hit in (*hits, *likely)}
    misses = [event for event in events if id(event) not in met]
    return KindScore(
        truth.name,
        kind,
        hits,
        tuple(event for event in misses if event.sure),
        likely,
        tuple(event for event in misses if not event.sure),
        tuple(alarms),
        tuple(hit for hit in hits if _inside(hit.incident, kind, windows)),
        waiters,
        tuple(reported),
        tuple(each for each in rest if each not in alarms and each not in reported),
        tuple(_in_window(window, kind, hits, misses, alarms) for window in windows),
    )


def _in_window(
    window: Window, kind: Kind, hits: Sequence[Hit], misses: Sequence[Event], alarms: Sequence[Finding]
) -> InWindow:
    return InWindow(
        window,
        tuple(hit for hit in hits if window.covers(kind, hit.event.done_s)),
        tuple(event for event in misses if event.sure and window.covers(kind, event.done_s)),
        tuple(each for each in alarms if window.covers(kind, each.start_s)),
    )


def _waiters(truth: ClipTruth, kind: Kind) -> tuple[Event, ...]:
    """Vehicles that wait as they should, which no incident about the stop line may name."""
    if kind not in _OVER_THE_LINE:
        return ()
    return tuple(event for event in truth.events if event.kind == WAITING and event.boxes)


def _tells_of(window: Window, kind: Kind) -> bool:
    return window.covers(kind, window.start_s)


def _inside(incident: Finding, kind: Kind, windows: Sequence[Window]) -> bool:
    return any(window.covers(kind, incident.start_s) for window in windows)


def _spares(event: Event, kind: Kind) -> bool:
    """Whether an incident of `kind` on this event's subject is neither right nor wrong."""
    likely = not event.sure and event.kind in _OVER_THE_LINE and kind in _OVER_THE_LINE
    return event.ambiguous or likely


def _without(incidents: Sequence[Finding], hits: Sequence[Hit]) -> list[Finding]:
    explained = {id(hit.incident) for hit in hits}
    return [each for each in incidents if id(each) not in explained]


def _pairs(events: Sequence[Event], incidents: Sequence[Finding], paths: Paths) -> tuple[Hit, ...]:
    """As many pairs as possible, then the best."""
    cost = np.array([[_misfit(event, each, paths) for each in incidents] for event in events])
    if not cost.size:
        return ()
    rows, columns = linear_sum_assignment(np.where(np.isfinite(cost), cost, 1e6))
    pairs = [(r, c) for r, c in zip(rows, columns, strict=True) if np.isfinite(cost[r, c])]
    return tuple(Hit(events[r], incidents[c]) for r, c in pairs)


def _same(event: Event, incident: Finding, paths: Paths) -> bool:
    return isfinite(_misfit(event, incident, paths))


def _waits(event: Event, incident: Finding, paths: Paths) -> bool:
    """Reported for what it did while it waited; what it did later is another event."""
    return event.start_s <= incident.start_s <= event.end_s and _same(event, incident, paths)


def _misfit(event: Event, incident: Finding, paths: Paths) -> float:
    """Seconds apart, less the overlap of boxes; infinite when they are not the same."""
    if incident.end_s < event.start_s - NEAR_S or incident.start_s > event.end_s + NEAR_S:
        return inf
    overlap = _overlap(event, incident, paths.get(incident.track))
    if overlap is None or overlap < LEAST_COVER:
        return inf
    anchor = event.front_at_line_s if isfinite(event.front_at_line_s) else event.start_s
    return abs(incident.start_s - anchor) - _OVERLAP_S * overlap


def _overlap(event: Event, incident: Finding, path: SubjectPath | None) -> float | None:
    """Median share of the smaller box in the other, when both were seen; None when they never were at once."""
    shown = [(moment.time_s, moment.box) for moment in incident.moments if moment.box is not None]
    if path is None:
        path = SubjectPath(np.array([at for at, _ in shown]), np.array([box for _, box in shown], np.float32))
    if not len(path.time_s):
        return None
    shared = []
    for at, box in event.boxes:
        row = int(np.argmin(np.abs(path.time_s - at)))
        if abs(path.time_s[row] - at) <= SAME_TIME_S:
            shared.append(cover(path.boxes[row : row + 1], np.array([box], np.float32))[0, 0])
    return float(np.median(shared)) if shared else None


def paths_of(scene: Scene) -> dict[int, SubjectPath]:
    """Of every track; of vehicles whole, whatever the tracker made of them."""
    paths = {track.track: SubjectPath(track.time_s, track.boxes) for track in scene.log.each_track()}
    return paths | {each.track: SubjectPath(each.time_s, each.boxes) for each in scene.vehicles}
