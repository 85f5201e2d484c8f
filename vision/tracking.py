"""From detections of many looks to tracks: who is who from frame to frame.

Association in stages, sure detections first and weak ones for what is left (ByteTrack, Zhang et al. 2022), by two
predictions for each track: that it goes on moving in the picture as it did, and that it stands on the road while the
camera passes. The second finds litter and parked cars again that are looked at once a second only, and vehicles that
others hid for long. What leaves the picture or goes behind something is followed beyond the edge where it is cut;
otherwise it would seem to stop there, and wait for the next car.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.detections import Detections
from vision.foresight import Scenery, Whereabouts, alike, crossing, moved, passed, standing, unmoved
from vision.live_track import LiveTrack, Spread, begin_again, begun, beyond_edges, correct
from vision.overlap import iou
from vision.scans import Scan, scan_of
from vision.sightings import LIGHT, PLATE, VEHICLE, WASTE, Sightings
from vision.watch import Glance

# For how long a vehicle that was seen once, or has left the picture unless it moves, may still be where it was in the
# picture. Simulated drives 2000-2031 have 1.5 switches in 100 s with both, 1.6 if it holds for the former only.
STILL_S: Final = 0.35


@dataclass(frozen=True, slots=True)
class TrackingSettings:
    """Times in seconds. Arrays are by group: vehicle, two-wheeler, person, light, waste, plate.

    Attributes:
        patience_s: how long a track is looked for after it was last seen.
        standing_patience_s: the same while the camera stands, when things come back where they were.
        hidden_s: how long it is looked for where it stands on the road, if it stands.
        hits: detections that confirm a track.
        agility: changes of speed to be expected, in box sizes per second squared.
        alike, alike_weak: least likeness of a sure and a weak detection to what was foreseen.
        alike_second: the same of a track's second detection, which tells how it moves and what it will be taken for.
        alike_hidden: least intersection over union with where it stands, after it was missing for long.
    """

    patience_s: tuple[float, ...] = (1.3, 1.0, 1.2, 2.0, 3.0, 0.7)
    standing_patience_s: tuple[float, ...] = (2.5, 1.5, 1.5, 6.0, 25.0, 0.7)
    hidden_s: tuple[float, ...] = (10.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    hits: tuple[int, ...] = (3, 3, 3, 3, 2, 2)
    agility: tuple[float, ...] = (1.5, 2.0, 2.0, 0.5, 0.5, 2.0)
    alike: float = 0.25
    alike_second: tuple[float, ...] = (0.4, 0.25, 0.25, 0.25, 0.25, 0.25)
    alike_weak: float = 0.45
    alike_hidden: float = 0.3


def track(
    glances: Sequence[Glance], thresholds: NDArray[np.float32], scenery: Scenery, settings: TrackingSettings
) -> list[Sightings]:
    """Confirmed tracks. `thresholds`: lowest confidence per class that may start a track."""
    tracker = _Tracker(thresholds, scenery, settings)
    for frame, group in groupby(glances, key=lambda glance: glance.frame):
        tracker.take(scan_of(frame, list(group), thresholds, (scenery.width, scenery.height)))
    return tracker.finish()


class _Tracker:
    def __init__(self, thresholds: NDArray[np.float32], scenery: Scenery, settings: TrackingSettings) -> None:
        self._thresholds, self._scenery, self._settings = thresholds, scenery, settings
        self._live: list[LiveTrack] = []
        self._hidden: list[LiveTrack] = []
        self._done: list[LiveTrack] = []
        self._scans: list[Scan] = []

    def take(self, scan: Scan) -> None:
        self._scans.append(scan)
        if self._scenery.cut[scan.frame]:
            self._retire([*self._live, *self._hidden])
            self._live, self._hidden = [], []
        for group in np.unique(scan.group).tolist():
            self._associate(scan, group)
        self._forget(scan.frame)

    def finish(self) -> list[Sightings]:
        self._retire([*self._live, *self._hidden])
        done = sorted(self._done, key=lambda one: one.rows[0])
        return [self._sightings(one) for one in done]

    def _associate(self, scan: Scan, group: int) -> None:
        rows = np.flatnonzero(scan.group == group)
        tracks = [one for one in self._live if one.group == group]
        sure = scan.found.confidence[rows] >= self._thresholds[scan.found.class_id[rows]]
        tracks, free = self._match(tracks, scan, rows[sure], self._settings.alike)
        tracks = [one for one in tracks if one.confirmed or len(one.rows) > 1]
        self._match(tracks, scan, rows[~sure], self._settings.alike_weak)
        free = self._find_hidden([one for one in self._hidden if one.group == group], scan, free)
        self._live += [self._begin(scan, int(row)) for row in free]

    def _match(
        self, tracks: list[LiveTrack], scan: Scan, rows: NDArray[np.intp], least: float
    ) -> tuple[list[LiveTrack], NDArray[np.intp]]:
        """Give detections to tracks; the tracks and the detections that are left."""
        if not tracks or not len(rows):
            return tracks, rows
        second = max(least, self._settings.alike_second[tracks[0].group])
        required = np.array([second if len(one.rows) == 1 else least for one in tracks])
        lines, columns = _pairs(self._likeness(tracks, scan.frame, scan.found.boxes[rows]), required)
        for line, row in zip(lines, rows[columns].tolist(), strict=True):
            self._update(tracks[line], scan, row)
        taken = set(lines)
        return [one for line, one in enumerate(tracks) if line not in taken], np.delete(rows, columns)

    def _find_hidden(self, tracks: list[LiveTrack], scan: Scan, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give detections to tracks that were not seen for long and stand there; the detections that are left."""
        if not tracks or not len(rows) or np.isnan(self._scenery.ego.x_m[scan.frame]):
            return rows
        places = standing(_whereabouts(tracks), self._scenery, scan.frame)
        least = np.full(len(tracks), self._settings.alike_hidden)
        lines, columns = _pairs(np.nan_to_num(iou(places, scan.found.boxes[rows])), least)
        for line, row in zip(lines, rows[columns].tolist(), strict=True):
            begin_again(tracks[line], scan.found.boxes[row])
            self._give(tracks[line], scan, row)
        back = [tracks[line] for line in lines]
        self._live += back
        self._hidden = [one for one in self._hidden if one not in back]
        return np.delete(rows, columns)

    def _likeness(self, tracks: list[LiveTrack], frame: int, boxes: NDArray[np.float32]) -> NDArray[np.float64]:
        """(T, N) how well the boxes fit each of some tracks of one group."""
        group, where = tracks[0].group, _whereabouts(tracks)
        if group == LIGHT and self._scenery.ego.standing[frame]:
            return alike(unmoved(where), boxes, np.zeros(len(tracks)), group)
        gap = self._scenery.frame_s[frame] - self._scenery.frame_s[where.seen]
        best = alike(moved(where, self._scenery, frame, group), boxes, gap, group)
        if group in (LIGHT, PLATE) or np.isnan(self._scenery.ego.x_m[frame]):
            return best
        stands, long_ago = standing(where, self._scenery, frame), gap > STILL_S
        if group == VEHICLE and long_ago.any():
            once = np.array([len(one.rows) == 1 for one in tracks])
            gone = passed(where, stands, self._scenery.camera) & ~crossing(where, self._scenery, frame)
            best[long_ago & (once | gone)] = 0.0
        return np.fmax(best, alike(stands, boxes, gap, group))

    def _begin(self, scan: Scan, row: int) -> LiveTrack:
        one = begun(int(scan.group[row]), scan.frame, scan.found.boxes[row])
        one.rows.append((len(self._scans) - 1, row))
        return one

    def _update(self, one: LiveTrack, scan: Scan, row: int) -> None:
        """The camera's turning is taken out of the motion."""
        gap = self._gap(one, scan.frame)
        predicted = one.mean + one.velocity * gap
        predicted[:2] += self._scenery.shift[scan.frame] - self._scenery.shift[one.frame]
        cut = scan.cut[row]
        if one.group == VEHICLE and scan.hidden[row].any():
            cut = cut | (scan.hidden[row] & crossing(_whereabouts([one]), self._scenery, scan.frame))
        box = beyond_edges(scan.found.boxes[row], predicted, cut)
        sure = scan.found.confidence[row] > 0.3
        correct(one, box, predicted, gap, Spread(self._settings.agility[one.group], 0.05 if sure else 0.09))
        self._give(one, scan, row)

    def _give(self, one: LiveTrack, scan: Scan, row: int) -> None:
        one.frame = scan.frame
        one.rows.append((len(self._scans) - 1, row))
        one.confirmed |= len(one.rows) >= self._settings.hits[one.group]

    def _gap(self, one: LiveTrack, frame: int) -> float:
        """Seconds since it was last seen."""
        return float(self._scenery.frame_s[frame] - self._scenery.frame_s[one.frame])

    def _patience(self, one: LiveTrack, frame: int) -> float:
        """Seconds for which it is looked for wherever it may be."""
        settings, stands = self._settings, bool(self._scenery.ego.standing[frame])
        wait = (settings.standing_patience_s if stands else settings.patience_s)[one.group]
        return wait if one.confirmed or one.group in (WASTE, LIGHT) else min(wait, 0.7)

    def _forget(self, frame: int) -> None:
        missing = [one for one in self._live if self._gap(one, frame) > self._patience(one, frame)]
        self._live = [one for one in self._live if one not in missing]
        self._hidden += [one for one in missing if one.confirmed]
        gone = [one for one in self._hidden if self._gap(one, frame) > self._settings.hidden_s[one.group]]
        self._hidden = [one for one in self._hidden if one not in gone]
        self._retire(gone)

    def _retire(self, tracks: list[LiveTrack]) -> None:
        self._done += [one for one in tracks if one.confirmed]

    def _sightings(self, one: LiveTrack) -> Sightings:
        found = Detections.concatenate([self._scans[scan].found[np.array([row])] for scan, row in one.rows])
        return Sightings(
            one.group,
            np.array([self._scans[scan].frame for scan, _ in one.rows], np.int32),
            found.boxes,
            found.confidence,
            found.class_id,
            np.array([self._scans[scan].look[row] for scan, row in one.rows], dtype="<U5"),
        )


def _whereabouts(tracks: list[LiveTrack]) -> Whereabouts:
    return Whereabouts(
        np.array([one.mean for one in tracks]),
        np.array([one.velocity for one in tracks]),
        np.array([one.frame for one in tracks]),
    )


def _pairs(alike: NDArray[np.floating], least: NDArray[np.float64]) -> tuple[list[int], NDArray[np.intp]]:
    """Rows and columns of (T, N) likenesses that belong together, one to one, most alike in sum; `least`: (T,)."""
    fits = alike >= least[:, None]
    lines, columns = linear_sum_assignment(np.where(fits, -alike, 0.0))
    good = fits[lines, columns]
    return lines[good].tolist(), columns[good]
