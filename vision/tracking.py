"""From detections of many looks to tracks: who is who from frame to frame.

Association in two stages, sure detections first and weak ones for what is left (ByteTrack, Zhang et al. 2022), by two
predictions for each track: that it goes on moving in the picture as it did, and that it stands on the road while the
camera passes. The second finds litter and parked cars again that are looked at once a second only. What leaves the
picture is followed beyond its edge, where it is cut; otherwise it would seem to stop there, and wait for the next
parked car.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.detections import Detections
from models.taxonomy import CLASS_ID, LIGHTS, LITTER, STREET_CLASSES
from vision.egomotion import EgoMotion, from_local_frame, to_local_frame
from vision.log import Floats, GroundCamera
from vision.look import Look
from vision.overlap import Boxes, cover, iou
from vision.perceive import Glance

VEHICLE, TWO_WHEELER, PERSON, LIGHT, WASTE, PLATE = range(6)
EDGE_PX: Final = 3.0
TOO_WEAK: Final = 0.1
LEAST_SIDE_PX: Final = 4.0  # of the part of a thing inside the picture that may still be found
TOO_WEAK_LIGHT: Final = 0.05  # a head known already stays where it is, so weak sightings of it count


@dataclass(frozen=True, slots=True)
class TrackingSettings:
    """Times in seconds. Arrays are by group: vehicle, two-wheeler, person, light, waste, plate.

    Attributes:
        patience_s: how long a track is looked for after it was last seen.
        standing_patience_s: the same while the camera stands, when things come back where they were.
        hits: detections that confirm a track.
        agility: changes of speed to be expected, in box sizes per second squared.
    """

    patience_s: tuple[float, ...] = (1.3, 1.0, 1.2, 2.0, 3.0, 0.7)
    standing_patience_s: tuple[float, ...] = (2.5, 1.5, 1.5, 6.0, 25.0, 0.7)
    hits: tuple[int, ...] = (3, 3, 3, 3, 2, 2)
    agility: tuple[float, ...] = (1.5, 2.0, 2.0, 0.5, 0.5, 2.0)
    alike: float = 0.25
    alike_weak: float = 0.45


@dataclass(frozen=True, slots=True)
class Scenery:
    """How the camera moves under the tracker. `shift`: (N, 2) cumulated motion of far things, native pixels."""

    width: int
    height: int
    camera: GroundCamera
    frame_s: Floats
    ego: EgoMotion
    shift: Floats
    cut: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sightings:
    """One thing's detections, in order of frames; `look`: as in the log."""

    group: int
    frame: NDArray[np.int32]
    boxes: Boxes
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int16]
    look: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class _Scan:
    """What all looks of a frame show together."""

    frame: int
    found: Detections
    look: NDArray[np.str_]
    group: NDArray[np.intp]


@dataclass(slots=True, eq=False)
class _Live:
    """A track being built: mean of (centre x, centre y, width, height), its velocity, and their covariance in units of
    the box size, the same for all four.
    """

    group: int
    frame: int
    mean: Floats
    velocity: Floats
    covariance: Floats
    rows: list[tuple[int, int]] = field(default_factory=list)
    confirmed: bool = False


def _group(name: str) -> int:
    if name in LIGHTS:
        return LIGHT
    if name in LITTER:
        return WASTE
    return {"person": PERSON, "bicycle": TWO_WHEELER, "motorcycle": TWO_WHEELER, "licence_plate": PLATE}.get(
        name, VEHICLE
    )


GROUP_OF: Final[NDArray[np.intp]] = np.array([_group(name) for name in STREET_CLASSES], np.intp)


def track(
    glances: Sequence[Glance], thresholds: NDArray[np.float32], scenery: Scenery, settings: TrackingSettings
) -> list[Sightings]:
    """Confirmed tracks. `thresholds`: lowest confidence per class that may start a track."""
    tracker = _Tracker(thresholds, scenery, settings)
    for frame, group in groupby(glances, key=lambda glance: glance.frame):
        tracker.take(_scan(frame, list(group), thresholds, scenery))
    return tracker.finish()


def _scan(frame: int, glances: list[Glance], thresholds: NDArray[np.float32], scenery: Scenery) -> _Scan:
    """All looks of a frame together, what several of them saw counted once."""
    parts, looks, scales = [], [], []
    for glance in glances:
        found = glance.found[glance.found.confidence >= _least(glance.found.class_id, thresholds)]
        if glance.look.kind in ("light", "search"):
            found = found[GROUP_OF[found.class_id] == LIGHT]  # of other things these looks show pieces and fancies
        found = found[~cut_by_window(found.boxes, glance.look, scenery.width, scenery.height)]
        parts.append(found)
        looks += [glance.look.logged] * len(found)
        scales += [glance.look.scale[0]] * len(found)
    every = Detections.concatenate(parts)
    group = GROUP_OF[every.class_id]
    keep = _once(every, group, np.array(scales))
    return _Scan(frame, every[keep], np.array(looks, dtype="<U5")[keep], group[keep])


def _least(class_id: NDArray[np.int16], thresholds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lowest confidence that may extend a track."""
    weak = np.maximum(TOO_WEAK, thresholds[class_id] * 0.4)
    return np.where(GROUP_OF[class_id] == LIGHT, TOO_WEAK_LIGHT, weak).astype(np.float32)


def cut_by_window(boxes: Boxes, look: Look, width: int, height: int) -> NDArray[np.bool_]:
    """(N,) boxes that end at an edge of the look's window inside the picture (`width` x `height`): they show a part of
    a thing only.
    """
    x1, y1, x2, y2 = look.window
    margin = EDGE_PX * look.scale[0]
    return np.asarray(
        ((boxes[:, 0] < x1 + margin) & (x1 > 0))
        | ((boxes[:, 1] < y1 + margin) & (y1 > 0))
        | ((boxes[:, 2] > x2 - margin) & (x2 < width))
        | ((boxes[:, 3] > y2 - margin) & (y2 < height))
    )


def _once(found: Detections, group: NDArray[np.intp], scale: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows without doubles: of boxes of one group that overlap the surer one stays; a closer look counts more."""
    order = np.argsort(-(found.confidence + np.where(scale < 1.01, 0.1, 0.0)), kind="stable")
    boxes = found.boxes[order]
    same = group[order][:, None] == group[order][None, :]
    double = same & ((iou(boxes, boxes) > 0.5) | (cover(boxes, boxes) > 0.8))
    keep = np.ones(len(order), bool)
    for row in range(len(order)):
        if keep[row]:
            keep[row + 1 :] &= ~double[row, row + 1 :]
    return np.sort(order[keep])


class _Tracker:
    def __init__(self, thresholds: NDArray[np.float32], scenery: Scenery, settings: TrackingSettings) -> None:
        self._thresholds, self._scenery, self._settings = thresholds, scenery, settings
        self._live: list[_Live] = []
        self._done: list[_Live] = []
        self._scans: list[_Scan] = []

    def take(self, scan: _Scan) -> None:
        self._scans.append(scan)
        if self._scenery.cut[scan.frame]:
            self._retire(self._live)
            self._live = []
        for group in np.unique(scan.group).tolist():
            self._associate(scan, group)
        self._forget(scan.frame)

    def finish(self) -> list[Sightings]:
        self._retire(self._live)
        done = sorted(self._done, key=lambda one: one.rows[0])
        return [self._sightings(one) for one in done]

    def _associate(self, scan: _Scan, group: int) -> None:
        rows = np.flatnonzero(scan.group == group)
        tracks = [one for one in self._live if one.group == group]
        sure = scan.found.confidence[rows] >= self._thresholds[scan.found.class_id[rows]]
        tracks, free = self._match(tracks, scan, rows[sure], self._settings.alike)
        tracks = [one for one in tracks if one.confirmed or len(one.rows) > 1]
        self._match(tracks, scan, rows[~sure], self._settings.alike_weak)
        self._live += [self._begin(scan, int(row)) for row in free]

    def _match(
        self, tracks: list[_Live], scan: _Scan, rows: NDArray[np.intp], least: float
    ) -> tuple[list[_Live], NDArray[np.intp]]:
        """Give detections to tracks; the tracks and the detections that are left."""
        if not tracks or not len(rows):
            return tracks, rows
        alike = self._likeness(tracks, scan.frame, scan.found.boxes[rows])
        chosen, columns = linear_sum_assignment(np.where(alike >= least, -alike, 0.0))
        good = alike[chosen, columns] >= least
        for line, column in zip(chosen[good], columns[good], strict=True):
            self._update(tracks[line], scan, int(rows[column]))
        taken = set(chosen[good].tolist())
        return [one for line, one in enumerate(tracks) if line not in taken], np.delete(rows, columns[good])

    def _likeness(self, tracks: list[_Live], frame: int, boxes: Boxes) -> NDArray[np.float64]:
        """(T, N) how well the boxes fit each of some tracks of one group."""
        group, seen = tracks[0].group, np.array([one.frame for one in tracks])
        mean = np.array([one.mean for one in tracks])
        gap = self._scenery.frame_s[frame] - self._scenery.frame_s[seen]
        if group == LIGHT and self._scenery.ego.standing[frame]:
            return alike(_boxes(mean, mean), boxes, np.zeros(len(tracks)), group)
        velocity = np.array([one.velocity for one in tracks])
        best = alike(self._moved(mean, velocity, seen, frame, gap), boxes, gap, group)
        if group in (LIGHT, PLATE) or np.isnan(self._scenery.ego.x_m[frame]):
            return best
        return np.fmax(best, alike(self._standing(mean, seen, frame), boxes, gap, group))

    def _moved(self, mean: Floats, velocity: Floats, seen: NDArray[np.intp], frame: int, gap: Floats) -> Boxes:
        """(T, 4) where tracks are if they go on as they did; long gaps are not extrapolated in full."""
        ahead = mean + velocity * np.minimum(gap, 0.6)[:, None]
        ahead[:, :2] += self._scenery.shift[frame] - self._scenery.shift[seen]
        return self._in_picture(_boxes(ahead, mean))

    def _standing(self, mean: Floats, seen: NDArray[np.intp], frame: int) -> Boxes:
        """(T, 4) where tracks are if they stand on the road; NaN where that cannot be told."""
        camera = self._scenery.camera
        x, y, width, height = mean.T
        foot = y + height / 2
        forward, left = camera.to_ground(x, np.where(foot < camera.horizon_y + 4, np.nan, foot))
        ahead, aside = carried(self._scenery.ego, seen, frame, forward, left)
        ahead = np.where(ahead < 1.0, np.nan, ahead)
        column, row = camera.to_image(ahead, aside)
        size = forward / ahead
        corners = (column - width * size / 2, row - height * size, column + width * size / 2, row)
        return self._in_picture(np.stack(corners, axis=1).astype(np.float32))

    def _in_picture(self, boxes: Boxes) -> Boxes:
        """(T, 4) the parts of boxes that the picture shows; NaN where it shows next to nothing."""
        shown = boxes.clip(0, np.array([self._scenery.width, self._scenery.height] * 2, np.float32))
        gone = (shown[:, 2:] - shown[:, :2] < LEAST_SIDE_PX).any(axis=1)
        return np.where(gone[:, None], np.float32(np.nan), shown)

    def _begin(self, scan: _Scan, row: int) -> _Live:
        start = _Live(
            int(scan.group[row]), scan.frame, _mean(scan.found.boxes[row]), np.zeros(4), np.array([0.0025, 0.0, 1.0])
        )
        start.rows.append((len(self._scans) - 1, row))
        return start

    def _update(self, one: _Live, scan: _Scan, row: int) -> None:
        """A step of the constant-velocity Kalman filter; the camera's turning is taken out of the motion."""
        gap = float(self._scenery.frame_s[scan.frame] - self._scenery.frame_s[one.frame])
        predicted = one.mean + one.velocity * gap
        predicted[:2] += self._scenery.shift[scan.frame] - self._scenery.shift[one.frame]
        p, c, v = one.covariance
        q = self._settings.agility[one.group] ** 2 * gap
        p, c, v = p + 2 * gap * c + gap**2 * v + q * gap**2 / 3, c + gap * v + q * gap / 2, v + q
        noise = (0.05 if scan.found.confidence[row] > 0.3 else 0.09) ** 2
        gain, gain_v = p / (p + noise), c / (p + noise)
        picture = (self._scenery.width, self._scenery.height)
        innovation = _mean(beyond_edges(scan.found.boxes[row], predicted, picture)) - predicted
        one.mean = predicted + gain * innovation
        one.velocity = one.velocity + gain_v * innovation
        one.covariance = np.array([(1 - gain) * p, (1 - gain) * c, v - gain_v * c])
        one.frame = scan.frame
        one.rows.append((len(self._scans) - 1, row))
        one.confirmed |= len(one.rows) >= self._settings.hits[one.group]

    def _forget(self, frame: int) -> None:
        now, standing = self._scenery.frame_s[frame], bool(self._scenery.ego.standing[frame])
        patience = self._settings.standing_patience_s if standing else self._settings.patience_s
        gone = []
        for one in self._live:
            wait = patience[one.group]
            if not one.confirmed and one.group not in (WASTE, LIGHT):
                wait = min(wait, 0.7)
            if now - self._scenery.frame_s[one.frame] > wait:
                gone.append(one)
        self._retire(gone)
        self._live = [one for one in self._live if one not in gone]

    def _retire(self, tracks: list[_Live]) -> None:
        self._done += [one for one in tracks if one.confirmed]

    def _sightings(self, one: _Live) -> Sightings:
        found = Detections.concatenate([self._scans[scan].found[np.array([row])] for scan, row in one.rows])
        return Sightings(
            one.group,
            np.array([self._scans[scan].frame for scan, _ in one.rows], np.int32),
            found.boxes,
            found.confidence,
            found.class_id,
            np.array([self._scans[scan].look[row] for scan, row in one.rows], dtype="<U5"),
        )


def carried(
    ego: EgoMotion, before: NDArray[np.intp], after: int, forward: Floats, left: Floats
) -> tuple[Floats, Floats]:
    """Ground points (forward, left) seen from the poses of frames `before`, as seen from that of another."""
    x, y = to_local_frame(ego.x_m[before], ego.y_m[before], ego.heading_rad[before], forward, left)
    return from_local_frame(ego.x_m[after], ego.y_m[after], ego.heading_rad[after], x, y)


def alike(predicted: Boxes, boxes: Boxes, gap: Floats, group: int) -> NDArray[np.float64]:
    """(T, N) 0..1: how well boxes fit predictions (T, 4) over gaps (T,) in seconds. Small things are told by distance,
    because they need not overlap; what was not seen for long may be further off.
    """
    size = np.sqrt(np.maximum((predicted[:, 2:] - predicted[:, :2]).prod(axis=1), 16.0))[:, None]
    sizes = np.sqrt(np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 16.0))
    ratio = np.minimum(size, sizes) / np.maximum(size, sizes)
    apart = (boxes[:, :2] + boxes[:, 2:]) / 2 - ((predicted[:, :2] + predicted[:, 2:]) / 2)[:, None]
    reach = np.maximum(size, 12.0 if group == WASTE else 6.0) * (0.45 + 0.6 * np.minimum(gap, 1.5))[:, None]
    by_distance = 0.8 * np.exp(-(apart**2).sum(axis=2) / reach**2) * np.minimum(ratio * 1.25, 1)
    return np.asarray(np.maximum(iou(predicted, boxes), by_distance), np.float64)


def beyond_edges(box: NDArray[np.float32], predicted: Floats, picture: tuple[int, int]) -> Floats:
    """(4,) a box whose edges lie as predicted where the picture (width, height) cuts it: all that is seen there is that
    the thing reaches so far. `predicted`: (centre x, centre y, width, height).
    """
    middle, half = predicted[:2], predicted[2:] / 2
    expected = np.concatenate([middle - half, middle + half])
    near, far = box[:2] < EDGE_PX, box[2:] > np.array(picture) - EDGE_PX
    cut = np.concatenate([near & (expected[:2] < box[:2]), far & (expected[2:] > box[2:])])
    return np.where(cut, expected, box)


def _mean(box: NDArray[np.float32] | Floats) -> Floats:
    x1, y1, x2, y2 = box.astype(float)
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])


def _boxes(mean: Floats, before: Floats) -> Boxes:
    """(T, 4) boxes of means; their sizes may change by half at most."""
    half = np.clip(mean[:, 2:], before[:, 2:] * 0.67, before[:, 2:] * 1.5) / 2
    return np.concatenate([mean[:, :2] - half, mean[:, :2] + half], axis=1).astype(np.float32)


def voted_class(seen: Sightings) -> int:
    """The class with the greatest sum of confidence."""
    return int(np.argmax(np.bincount(seen.class_id, weights=seen.confidence, minlength=len(CLASS_ID))))
