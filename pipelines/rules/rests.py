"""When a vehicle stood still in the picture of a camera that stands, and whether that was a queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.motion import smooth
from pipelines.rules.intervals import Span, merged, overlap_s
from pipelines.rules.vehicles import TWO_WHEELED, Vehicle
from vision.log import Floats
from vision.overlap import cover, iou

# Widths of its own box per second: a car that creeps at 0.3 m/s does 0.1 to 0.2.
_STILL_WIDTHS_PER_S: Final = 0.1
_SMOOTHING_S: Final = 1.0
_SHORTEST_S: Final = 2.0
# A detector's hiccup or a passing lorry does not end a rest.
_HICCUP_S: Final = 3.0

# What stands where something stood this long before, and neither was seen to come or go, is the same.
_UNSEEN_S: Final = 30.0
_SAME_IOU: Final = 0.7
_STAYED_COVER: Final = 0.5
_MOVES_S: Final = 0.5

# Vehicles of a queue stand within these many of their own heights of one another and start one after another.
_QUEUE_REACH: Final = 3.0
_QUEUE_START_S: Final = 8.0
# No red lasts longer (GB 14886 keeps cycles under 180 s).
LONGEST_RED_S: Final = 180.0


@dataclass(frozen=True, slots=True)
class Rest:
    """`box`: median while it stood. `left`: it was seen to drive off afterwards."""

    vehicle: Vehicle
    start_s: float
    end_s: float
    box: tuple[float, float, float, float]
    left: bool

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def rests(vehicle: Vehicle) -> tuple[Rest, ...]:
    """Spans in which it stood, camera standing."""
    boxes = vehicle.boxes.astype(np.float64)
    time_s = vehicle.time_s
    place = np.stack([0.5 * (boxes[:, 0] + boxes[:, 2]), boxes[:, 3]], axis=1)
    rate = smooth(time_s, place, _SMOOTHING_S).rate
    width = np.median(boxes[:, 2] - boxes[:, 0])
    still = np.hypot(rate[:, 0], rate[:, 1]) < _STILL_WIDTHS_PER_S * max(float(width), 8.0)
    spans = merged(_runs(time_s, still), _HICCUP_S)
    found = (_rest(vehicle, span, boxes) for span in spans if span[1] - span[0] >= _SHORTEST_S)
    return tuple(rest for rest in found if rest is not None)


def _rest(vehicle: Vehicle, span: Span, boxes: Floats) -> Rest | None:
    inside = (vehicle.time_s >= span[0]) & (vehicle.time_s <= span[1])
    x1, y1, x2, y2 = np.median(boxes[inside], axis=0).tolist()
    drift = np.abs(boxes[inside][-3:].mean(axis=0) - boxes[inside][:3].mean(axis=0)).max()
    if drift > 0.5 * max(x2 - x1, y2 - y1):
        return None
    left = bool(vehicle.time_s[-1] > span[1] + _MOVES_S)
    return Rest(vehicle, span[0], span[1], (x1, y1, x2, y2), left)


def rejoined(found: list[Rest], cuts: Floats) -> list[Rest]:
    """A vehicle that stood on while it was not detected, behind a bus or by night, stood once."""
    joined: list[Rest] = []
    for rest in sorted(found, key=lambda rest: (rest.start_s, rest.vehicle.track)):
        earlier = next((row for row, other in enumerate(joined) if _stood_on(other, rest, cuts)), None)
        if earlier is None:
            joined.append(rest)
        else:
            joined[earlier] = _both(joined[earlier], rest)
    return joined


def _stood_on(before: Rest, after: Rest, cuts: Floats) -> bool:
    gap = after.start_s - before.end_s
    alike = (before.vehicle.name in TWO_WHEELED) == (after.vehicle.name in TWO_WHEELED)
    if not alike or not 0.0 < gap <= _UNSEEN_S or np.any((cuts > before.end_s) & (cuts <= after.start_s)):
        return False
    place = np.array([before.box], np.float32)
    if float(iou(place, np.array([after.box], np.float32))[0, 0]) < _SAME_IOU:
        return False
    if after.vehicle.track in before.vehicle.tracks:
        time_s = before.vehicle.time_s
        return _stayed(before, (time_s > before.end_s) & (time_s < after.start_s))
    off, up = before.vehicle.time_s > before.end_s, after.vehicle.time_s < after.start_s
    return _stayed(before, off) and _stayed(after, up)


def _stayed(rest: Rest, rows: NDArray[np.bool_]) -> bool:
    """Whether its boxes in some rows lie where it stood; they may be smaller, as something passes before it."""
    shares = cover(np.array([rest.box], np.float32), rest.vehicle.boxes[rows])
    return bool(np.all(shares > _STAYED_COVER))


def _both(before: Rest, after: Rest) -> Rest:
    pieces = (before.vehicle, after.vehicle)
    if after.vehicle.track in before.vehicle.tracks:
        return replace(before, end_s=after.end_s, left=after.left)
    vehicle = replace(
        max(pieces, key=lambda piece: len(piece.rows)),
        tracks=before.vehicle.tracks + after.vehicle.tracks,
        rows=np.concatenate([piece.rows for piece in pieces]),
        boxes=np.concatenate([piece.boxes for piece in pieces]),
    )
    return replace(before, vehicle=vehicle, end_s=after.end_s, left=after.left)


def _runs(time_s: Floats, still: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(np.int8), [0]])))
    return [(float(time_s[a]), float(time_s[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def is_queue(rest: Rest, others: list[Rest], red: list[Span]) -> bool:
    """Whether the stop is explained by traffic: it stood mostly under a red light, or drove off together with
    neighbours that stood as well.
    """
    if rest.duration_s > LONGEST_RED_S:
        return False
    if overlap_s(red, rest.start_s, rest.end_s) > 0.5 * rest.duration_s:
        return True
    return any(_waits_with(rest, other) for other in others if other.vehicle is not rest.vehicle)


def _waits_with(rest: Rest, other: Rest) -> bool:
    shared = min(rest.end_s, other.end_s) - max(rest.start_s, other.start_s)
    together = rest.left and other.left and abs(rest.end_s - other.end_s) < _QUEUE_START_S
    return together and shared > 0.3 * rest.duration_s and _near(rest.box, other.box)


def _near(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    reach = _QUEUE_REACH * max(a[3] - a[1], b[3] - b[1])
    return abs(a[0] + a[2] - b[0] - b[2]) < 2 * reach and abs(a[3] - b[3]) < reach
