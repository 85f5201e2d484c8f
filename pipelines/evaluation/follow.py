"""Which observations of a log show the labelled things, moment by moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipelines.evaluation.tables import Box
from vision.log import ObservationLog
from vision.overlap import iou

LEAST_IOU: Final = 0.5
SAME_TIME_S: Final = 0.03
KEPT: Final = 1000.0  # worth of a correspondence that still holds: more than all others of a frame together


class Sight(Protocol):
    """A labelled thing at one moment; `time_s` is container PTS."""

    @property
    def subject(self) -> str: ...

    @property
    def time_s(self) -> float: ...

    @property
    def box(self) -> Box: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """How well a log keeps labelled things apart and together.

    Attributes:
        subjects: labelled things in frames that were looked at. seen: those that some track shows.
        switches: times that a thing goes on under another track than before (as CLEAR MOT counts them).
        seconds: between the first and the last sight of each that a track shows, added up.
    """

    subjects: int
    seen: int
    switches: int
    seconds: float


def follow(
    sights: Sequence[Sight],
    log: ObservationLog,
    classes: frozenset[int],
    *,
    slack_s: float = SAME_TIME_S,
    least_iou: float = LEAST_IOU,
) -> NDArray[np.intp]:
    """(N,) row of the observation table that shows each sight; -1: none does, -2: no frame was looked at then.

    One to one in each frame; a thing stays with its track while that still overlaps it, whatever else would (Bernardin
    and Stiefelhagen 2008).
    """
    rows = np.concatenate([track.rows for track in log.each_track(classes)] or [np.empty(0, np.intp)])
    frames = _frames(np.array([sight.time_s for sight in sights], float), log, slack_s)
    found = np.where(frames < 0, -2, -1).astype(np.intp)
    last: dict[str, int] = {}
    seen = log.observations
    for frame in sorted(set(frames[frames >= 0].tolist())):
        truth = np.flatnonzero(frames == frame).tolist()
        shown = rows[seen.frame[rows] == frame]
        overlap = iou(np.array([sights[i].box for i in truth], np.float32), seen.boxes[shown])
        stays = np.array([[last.get(sights[i].subject) == track for track in seen.track[shown]] for i in truth])
        fits = overlap >= least_iou
        gain = np.where(fits, overlap + KEPT * stays.reshape(overlap.shape), 0.0)
        for r, c in zip(*linear_sum_assignment(-gain), strict=True):
            if fits[r, c]:
                found[truth[r]] = shown[c]
                last[sights[truth[r]].subject] = int(seen.track[shown[c]])
    return found


def identity(sights: Sequence[Sight], rows: NDArray[np.intp], log: ObservationLog) -> Identity:
    """Of what `follow` found."""
    tracks = tracks_of(sights, rows, log)
    looked = {sight.subject for sight, row in zip(sights, rows, strict=True) if row != -2}
    switches = sum(int(np.count_nonzero(np.diff(each))) for each in tracks.values())
    return Identity(len(looked), len(tracks), switches, sum(_spans(sights, rows).values()))


def total_identity(parts: Sequence[Identity]) -> Identity:
    """Of several logs together."""
    return Identity(
        sum(part.subjects for part in parts),
        sum(part.seen for part in parts),
        sum(part.switches for part in parts),
        sum(part.seconds for part in parts),
    )


def _spans(sights: Sequence[Sight], rows: NDArray[np.intp]) -> dict[str, float]:
    """Seconds from the first to the last sight of each subject that a track shows."""
    times: dict[str, list[float]] = defaultdict(list)
    for sight, row in zip(sights, rows, strict=True):
        if row >= 0:
            times[sight.subject].append(sight.time_s)
    return {subject: max(each) - min(each) for subject, each in times.items()}


def tracks_of(sights: Sequence[Sight], rows: NDArray[np.intp], log: ObservationLog) -> dict[str, list[int]]:
    """The tracks that show each subject, one per sight, in order of time; subjects without any are left out."""
    shown: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for sight, row in zip(sights, rows, strict=True):
        if row >= 0:
            shown[sight.subject].append((sight.time_s, int(log.observations.track[row])))
    return {subject: [track for _, track in sorted(moments)] for subject, moments in shown.items()}


def _frames(times: NDArray[np.float64], log: ObservationLog, slack_s: float) -> NDArray[np.intp]:
    """The frame looked at nearest to each time, -1 where none is that near."""
    if not len(log.frames.time_s):
        return np.full(len(times), -1, np.intp)
    apart = np.abs(log.frames.time_s[None, :] - times[:, None])
    nearest = apart.argmin(axis=1)
    return np.where(apart[np.arange(len(times)), nearest] <= slack_s, nearest, -1).astype(np.intp)
