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
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.detections import Detections
from vision.appearance.likeness import apart, log_odds
from vision.log import Floats
from vision.overlap import iou
from vision.tracking.box_odds import box_odds
from vision.tracking.foresight import Foreseen, Scenery, Whereabouts, alike, foresee
from vision.tracking.live_track import LiveTrack, Spread, begin_again, begun, beyond_edges, correct, looked
from vision.tracking.scans import Scan
from vision.tracking.sightings import LIGHT, PERSON, TWO_WHEELER, VEHICLE, WASTE, Sightings

# For how long a vehicle that was seen once, or has left the picture unless it moves, may still be where it was in the
# picture. Simulated drives 2000-2031 have 1.5 switches in 100 s with both, 1.6 if it holds for the former only.
STILL_S: Final = 0.35

# Groups whose boxes are given by odds: of simulated drives 2000-2031 and 2064-2095 together 131 switches, not 143.
# Vehicles, of which others and the picture's edge hide parts, are told by overlap; by odds there are 147.
IN_LINE: Final = (TWO_WHEELER, PERSON)
LEAST_GAIN: Final = 0.01  # of a box that fits, however unlikely
# Power of the odds by looks with which overlap is multiplied, which is no probability itself. On simulated drives
# 2000-2127 cars go over to another track 366 times and 238 further cars are in a track; with 0.1 they are 375 and 247,
# with 0.2 372 and 234. On half of these drives it was 312 in all with 0.15, 362 with 0 and 405 with 0.6.
LOOKS: Final = 0.15


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
    scans: Sequence[Scan],
    looks: NDArray[np.float32],
    thresholds: NDArray[np.float32],
    scenery: Scenery,
    settings: TrackingSettings,
) -> list[Sightings]:
    """Confirmed tracks.

    Args:
        scans: in order. looks: (D + 1, APPEARANCE_SIZE) of what is described in them, as by `looks_of`.
        thresholds: lowest confidence per class that may start a track.
    """
    tracker = _Tracker(looks, thresholds, scenery, settings)
    for scan in scans:
        tracker.take(scan)
    return tracker.finish()


class _Tracker:
    def __init__(
        self,
        looks: NDArray[np.float32],
        thresholds: NDArray[np.float32],
        scenery: Scenery,
        settings: TrackingSettings,
    ) -> None:
        self._looks = looks
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
        self._associate(scan)
        self._forget(scan.frame)

    def finish(self) -> list[Sightings]:
        self._retire([*self._live, *self._hidden])
        done = sorted(self._done, key=lambda one: one.rows[0])
        return [self._sightings(one) for one in done]

    def _associate(self, scan: Scan) -> None:
        sure = scan.found.confidence >= self._thresholds[scan.found.class_id]
        free = np.flatnonzero(sure)
        if self._live and len(sure):
            free = self._match(self._live, scan, sure)
        free = self._find_hidden(scan, free)
        self._live += [self._begin(scan, int(row)) for row in free]

    def _match(self, tracks: list[LiveTrack], scan: Scan, sure: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Give detections to tracks, sure ones first; the sure detections that are left."""
        where, once = _whereabouts(tracks), np.array([len(one.rows) == 1 for one in tracks])
        foreseen = foresee(where, self._scenery, scan.frame)
        likeness = self._likeness(where.group, once, foreseen, scan)
        looks = log_odds(
            apart(np.array([one.look for one in tracks]), self._looks[scan.described]), foreseen.gap_s[:, None]
        )
        gain = self._gain(where, foreseen, likeness, looks, scan)
        second = np.maximum(self._settings.alike, np.array(self._settings.alike_second)[where.group])
        rows, weak = np.flatnonzero(sure), np.flatnonzero(~sure)
        fits = likeness >= np.where(once, second, self._settings.alike)[:, None]
        lines, columns = _pairs(gain[:, rows], fits[:, rows])
        left = np.delete(np.arange(len(tracks)), lines)
        left = left[~once[left]]
        fits = likeness >= self._settings.alike_weak
        left_lines, weak_columns = _pairs(gain[np.ix_(left, weak)], fits[np.ix_(left, weak)])
        pairs = [*zip(lines, rows[columns], strict=True), *zip(left[left_lines], weak[weak_columns], strict=True)]
        for line, row in pairs:
            self._update(tracks[line], scan, int(row), bool(foreseen.crosses[line]))
        return np.delete(rows, columns)

    def _find_hidden(self, scan: Scan, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give detections to tracks that were not seen for long and stand there; the detections that are left."""
        tracks = self._hidden
        if not tracks or not len(rows) or np.isnan(self._scenery.ego.x_m[scan.frame]):
            return rows
        where = _whereabouts(tracks)
        overlap = np.nan_to_num(iou(foresee(where, self._scenery, scan.frame).stands, scan.found.boxes[rows]))
        overlap[where.group[:, None] != scan.group[rows]] = 0.0
        lines, columns = _pairs(overlap, overlap >= self._settings.alike_hidden)
        for line, row in zip(lines.tolist(), rows[columns].tolist(), strict=True):
            begin_again(tracks[line], scan.found.boxes[row])
            self._give(tracks[line], scan, row)
        back = [tracks[line] for line in lines]
        self._live += back
        self._hidden = [one for one in tracks if one not in back]
        return np.delete(rows, columns)

    def _likeness(
        self, group: NDArray[np.intp], once: NDArray[np.bool_], foreseen: Foreseen, scan: Scan
    ) -> NDArray[np.float64]:
        """(T, N) how well the detections fit tracks of groups (T,). `once`: (T,) which have one detection only."""
        boxes = scan.found.boxes
        best = alike(foreseen.moved, boxes, foreseen.gap_s, group)
        if not np.isnan(self._scenery.ego.x_m[scan.frame]):
            long_ago = (group == VEHICLE) & (foreseen.gap_s > STILL_S)
            best[long_ago & (once | (foreseen.passed & ~foreseen.crosses))] = 0.0
            best = np.fmax(best, alike(foreseen.stands, boxes, foreseen.gap_s, group))
        best[group[:, None] != scan.group] = 0.0
        return best

    def _gain(
        self,
        where: Whereabouts,
        foreseen: Foreseen,
        likeness: NDArray[np.float64],
        looks: Floats,
        scan: Scan,
    ) -> Floats:
        """(T, N) what it is worth to give detections to tracks: how well they fit, of riders and people the odds.

        Args:
            likeness: (T, N) as of `_likeness`. looks: (T, N) logarithms of odds by what they look like.
        """
        gain, slim = likeness * np.exp(LOOKS * looks), np.isin(where.group, IN_LINE)
        fits = likeness[slim] >= self._settings.alike
        if not ((fits.sum(axis=0) > 1).any() or (fits.sum(axis=1) > 1).any()):
            return gain
        some = where[slim]
        agility = np.array(self._settings.agility)[some.group]
        moved, stands = (
            box_odds(some, foreseen.gap_s[slim], agility, ahead[slim], scan.found.boxes, self._scenery.width)
            for ahead in (foreseen.moved, foreseen.stands)
        )
        gain[slim] = np.maximum(np.maximum(moved, stands) + looks[slim], LEAST_GAIN)
        return gain

    def _begin(self, scan: Scan, row: int) -> LiveTrack:
        one = begun(int(scan.group[row]), scan.frame, scan.found.boxes[row])
        one.rows.append((len(self._scans) - 1, row))
        looked(one, self._looks[scan.described[row]])
        return one

    def _update(self, one: LiveTrack, scan: Scan, row: int, crosses: bool) -> None:
        """The camera's turning is taken out of the motion."""
        gap = self._gap(one, scan.frame)
        predicted = one.mean + one.velocity * gap
        predicted[:2] += self._scenery.shift[scan.frame] - self._scenery.shift[one.frame]
        cut = scan.cut[row] | (scan.hidden[row] & crosses)
        box = beyond_edges(scan.found.boxes[row], predicted, cut)
        sure = scan.found.confidence[row] > 0.3
        correct(one, box, predicted, gap, Spread(self._settings.agility[one.group], 0.05 if sure else 0.09))
        self._give(one, scan, row)

    def _give(self, one: LiveTrack, scan: Scan, row: int) -> None:
        one.frame = scan.frame
        one.rows.append((len(self._scans) - 1, row))
        looked(one, self._looks[scan.described[row]])
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
            np.array([self._scans[scan].hidden[row] for scan, row in one.rows]),
            np.array([self._scans[scan].described[row] for scan, row in one.rows]),
        )


def _whereabouts(tracks: list[LiveTrack]) -> Whereabouts:
    return Whereabouts(
        np.array([one.group for one in tracks]),
        np.array([one.mean for one in tracks]),
        np.array([one.velocity for one in tracks]),
        np.array([one.covariance for one in tracks]),
        np.array([one.frame for one in tracks]),
    )


def _pairs(gain: NDArray[np.floating], fits: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of (T, N) that belong together, one to one, of the greatest gain in sum; only those that fit."""
    lines, columns = linear_sum_assignment(np.where(fits, -gain, 0.0))
    good = fits[lines, columns]
    return lines[good], columns[good]
