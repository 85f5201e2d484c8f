"""Where plates and heads are in every frame of the evidence.

Three witnesses: the log's tracks (looked for in a reduced picture, several times a second), closer looks
(`pipelines.evidence.look`), and the vehicles' tracks, which carry a plate that was seen now and then through the
moments between. Blurring too much is cheap, too little is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import VEHICLES, class_ids
from pipelines.evidence.blur import Boxes, Regions, grown, heads
from pipelines.evidence.carry import Carried, carried_tracks
from pipelines.evidence.look import PERSON, PLATE, WIDEST_PLATE, Look
from vision.log import ObservationLog
from vision.overlap import iou

BEYOND_S = 0.5  # a thing is expected that long before and after each of its sightings; the looks see it sooner
LOOKS_REACH_S = 0.6
ANCHOR_REACH_S = 2.0  # a plate stays at its place on the vehicle that long
MARGIN, MARGIN_PER_S, MARGIN_PX = 0.08, 0.7, 2.0  # of a region's longer side; growing with the gap to a sighting
SAME_IOU, BETTER_BY = 0.5, 0.02  # of two sightings of one thing, and of the margin of the one to be preferred
LINK_REACH = 6.0  # sizes a thing may move between two looks
NONE = np.zeros((0, 4), np.float32)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Sighted:
    """(N, 4) where things are thought to be, and (N,) how far off that may be, as a share of their longer side."""

    boxes: Boxes
    margin: Floats


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A plate in parts (0..1) of its vehicle's box at the time it was seen."""

    time_s: float
    part: NDArray[np.float64]


class Privacy:
    """Regions to blur around `looks` (in order of time) of a log."""

    def __init__(self, log: ObservationLog, looks: Sequence[Look], start_s: float, end_s: float) -> None:
        window = start_s - BEYOND_S, end_s + BEYOND_S
        self._heads = [Carried(seen.time_s, heads(seen.boxes)) for seen in carried_tracks(log, PERSON, *window)]
        self._vehicles = carried_tracks(log, class_ids(VEHICLES), *window)
        plates = carried_tracks(log, PLATE, *window)
        self._plates = [plate for plate in plates if self._is_plate(plate, WIDEST_PLATE * log.meta.width)]
        self._anchored: list[list[_Anchored]] = [[] for _ in self._vehicles]
        self._looks = list(looks)
        for look in looks:
            self._anchor(look)

    def _is_plate(self, seen: Carried, widest_px: float) -> bool:
        """Whether it is narrow, or was seen on a vehicle; else it is lettering, as on many recorders' pictures."""
        narrow = float(np.median(seen.boxes[:, 2] - seen.boxes[:, 0])) <= widest_px
        moments = zip(seen.boxes, seen.time_s.tolist(), strict=True)
        return narrow or any(self._vehicle_of(box, time_s) is not None for box, time_s in moments)

    def _anchor(self, look: Look) -> None:
        for plate in look.plates:
            vehicle = self._vehicle_of(plate, look.time_s)
            if vehicle is not None:
                corner, size = _corner_and_size(self._vehicles[vehicle].at(look.time_s))
                part = (plate - np.tile(corner, 2)) / np.tile(size, 2)
                self._anchored[vehicle].append(_Anchored(look.time_s, part))

    def regions(self, time_s: float) -> Regions:
        """What to blur, in native pixels."""
        near = [look for look in self._neighbours(time_s) if abs(look.time_s - time_s) <= LOOKS_REACH_S]
        heads = _between([(look.time_s, look.heads) for look in near], time_s)
        plates = _between([(look.time_s, look.plates) for look in near], time_s)
        return Regions(
            heads=_with_margins(_surest(_joined([_at(self._heads, time_s), heads]))),
            plates=_with_margins(_joined([_at(self._plates, time_s), plates, self._on_vehicles(time_s)])),
        )

    def _neighbours(self, time_s: float) -> list[Look]:
        """The look at this time, else the last before and the first after."""
        after = bisect_left([look.time_s for look in self._looks], time_s)
        if after < len(self._looks) and self._looks[after].time_s == time_s:
            return self._looks[after : after + 1]
        return self._looks[max(0, after - 1) : after + 1]

    def _vehicle_of(self, plate: Boxes, time_s: float) -> int | None:
        """The smallest vehicle that the plate's centre lies in."""
        x, y = (plate[0] + plate[2]) / 2, (plate[1] + plate[3]) / 2
        holding: list[tuple[float, int]] = []
        for row, vehicle in enumerate(self._vehicles):
            if vehicle.known(time_s, BEYOND_S):
                x1, y1, x2, y2 = vehicle.at(time_s)
                if x1 <= x <= x2 and y1 <= y <= y2:
                    holding.append(((x2 - x1) * (y2 - y1), row))
        return min(holding)[1] if holding else None

    def _on_vehicles(self, time_s: float) -> _Sighted:
        boxes, gaps = [], []
        for vehicle, seen in zip(self._vehicles, self._anchored, strict=True):
            near = [one for one in seen if abs(one.time_s - time_s) <= ANCHOR_REACH_S]
            if near and vehicle.gap(time_s) <= BEYOND_S:
                nearest = min(near, key=lambda one: abs(one.time_s - time_s))
                corner, size = _corner_and_size(vehicle.at(time_s))
                boxes.append(nearest.part * np.tile(size, 2) + np.tile(corner, 2))
                gaps.append(vehicle.gap(time_s) + 0.25 * abs(nearest.time_s - time_s))
        return _Sighted(np.array(boxes, np.float32).reshape(-1, 4), _margin(np.array(gaps, np.float32)))


def _corner_and_size(box: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return box[:2], np.maximum(box[2:] - box[:2], 1.0)


def _margin(gap_s: Floats) -> Floats:
    return np.asarray(MARGIN + MARGIN_PER_S * gap_s, np.float32)


def _at(things: list[Carried], time_s: float) -> _Sighted:
    known = [thing for thing in things if thing.gap(time_s) <= BEYOND_S]
    boxes = np.array([thing.at(time_s) for thing in known], np.float32).reshape(-1, 4)
    return _Sighted(boxes, _margin(np.array([thing.gap(time_s) for thing in known], np.float32)))


def _between(looks: list[tuple[float, Boxes]], time_s: float) -> _Sighted:
    """Things seen by both looks where they are in between; those seen by one look where they were."""
    if len(looks) < 2:
        return _joined([_still(boxes, abs(time_s - seen_s)) for seen_s, boxes in looks] or [_still(NONE, 0)])
    ((start_s, first), (end_s, second)) = looks
    pairs = _linked(first, second)
    times = np.array([start_s, end_s])
    moving = [Carried(times, np.stack([first[a], second[b]])) for a, b in pairs]
    lost = np.setdiff1d(np.arange(len(first)), [a for a, _ in pairs])
    new = np.setdiff1d(np.arange(len(second)), [b for _, b in pairs])
    return _joined([_at(moving, time_s), _still(first[lost], time_s - start_s), _still(second[new], end_s - time_s)])


def _still(boxes: Boxes, gap_s: float) -> _Sighted:
    return _Sighted(boxes, np.full(len(boxes), MARGIN + 2 * MARGIN_PER_S * gap_s, np.float32))


def _joined(parts: list[_Sighted]) -> _Sighted:
    return _Sighted(np.concatenate([part.boxes for part in parts]), np.concatenate([part.margin for part in parts]))


def _surest(seen: _Sighted) -> _Sighted:
    """Of sightings that agree, those whose place is known best. For heads: a plate is so small that all may stay."""
    better = seen.margin[None, :] < seen.margin[:, None] - BETTER_BY
    left = ~((iou(seen.boxes, seen.boxes) >= SAME_IOU) & better).any(axis=1)
    return _Sighted(seen.boxes[left], seen.margin[left])


def _with_margins(seen: _Sighted) -> Boxes:
    return grown(seen.boxes, seen.margin, MARGIN_PX)


def _linked(first: Boxes, second: Boxes) -> list[tuple[int, int]]:
    """Pairs each box with the nearest of like size in the other look; a wrong pair only blurs more."""
    if not len(first) or not len(second):
        return []
    size = np.maximum(first[:, 2] - first[:, 0], first[:, 3] - first[:, 1])[:, None]
    other = np.maximum(second[:, 2] - second[:, 0], second[:, 3] - second[:, 1])[None]
    middle, goal = (first[:, :2] + first[:, 2:]) / 2, (second[:, :2] + second[:, 2:]) / 2
    distance = np.hypot(*np.moveaxis(middle[:, None] - goal[None], 2, 0)) / np.maximum(size, 1)
    distance[(other > 2 * size) | (size > 2 * other) | (distance > LINK_REACH)] = np.inf
    pairs = {(row, int(np.argmin(distance[row]))) for row in range(len(first))}
    pairs |= {(int(np.argmin(distance[:, column])), column) for column in range(len(second))}
    return [(a, b) for a, b in sorted(pairs) if np.isfinite(distance[a, b])]
