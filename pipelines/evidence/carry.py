"""Boxes of things between and shortly beyond the moments they were seen at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.log import ObservationLog

Boxes = NDArray[np.float32]
Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Carried:
    """The box of one thing at any time.

    Attributes:
        time_s: (N,) strictly increasing. boxes: (N, 4) at these times.
    """

    time_s: Times
    boxes: Boxes

    def at(self, time_s: float) -> NDArray[np.float64]:
        """(4,) interpolated; beyond the ends moved on as it moved last."""
        if len(self.time_s) > 1 and time_s > self.time_s[-1]:
            return self._moved(-1, -2, time_s)
        if len(self.time_s) > 1 and time_s < self.time_s[0]:
            return self._moved(0, 1, time_s)
        return np.array([np.interp(time_s, self.time_s, self.boxes[:, side]) for side in range(4)])

    def gap(self, time_s: float) -> float:
        """Seconds to the nearest sighting."""
        return float(np.min(np.abs(self.time_s - time_s)))

    def known(self, time_s: float, beyond_s: float) -> bool:
        return bool(self.time_s[0] - beyond_s <= time_s <= self.time_s[-1] + beyond_s)

    def _moved(self, end: int, before: int, time_s: float) -> NDArray[np.float64]:
        """The size is kept: a box cut by the picture's edge would shrink to nothing."""
        box, other = self.boxes[end].astype(float), self.boxes[before].astype(float)
        rate = (_centre(box) - _centre(other)) / (self.time_s[end] - self.time_s[before])
        shift = rate * (time_s - self.time_s[end])
        return np.asarray(box + np.concatenate([shift, shift]))


def carried_track(log: ObservationLog, track: int) -> Carried | None:
    """A track's boxes, one per time; None if the track has no observation."""
    return _carried(log, np.flatnonzero(log.observations.track == track))


def carried_tracks(log: ObservationLog, classes: frozenset[int], start_s: float, end_s: float) -> list[Carried]:
    """The things whose detections in start_s..end_s were of one of the classes."""
    seen = log.observations
    rows = np.flatnonzero(np.isin(seen.class_id, list(classes)) & (seen.time_s >= start_s) & (seen.time_s <= end_s))
    found = (_carried(log, rows[seen.track[rows] == track]) for track in np.unique(seen.track[rows]))
    return [carried for carried in found if carried is not None]


def _carried(log: ObservationLog, rows: NDArray[np.intp]) -> Carried | None:
    if not len(rows):
        return None
    seen = log.observations
    rows = rows[np.lexsort((-seen.confidence[rows], seen.time_s[rows]))]
    times, first = np.unique(seen.time_s[rows], return_index=True)
    return Carried(times, seen.boxes[rows[first]])


def _centre(box: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
