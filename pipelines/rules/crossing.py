"""When the leading edge of a footprint crosses a line on the ground: an interval, never an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.footprint import Footprints
from vision.log import Floats, GroundCamera

Bools = NDArray[np.bool_]

# One-sided 95 %.
SURE: Final = 1.645
# Who stands with its front no further beyond stands at the line: vehicles of a class differ in length by as much.
AT_LINE_M: Final = 1.0
# Slower than this it stands.
STANDING_MPS: Final = 0.35
# Between two looks further apart than this nothing is interpolated.
_LONGEST_STEP_S: Final = 0.6
# A path that meets the line at a flatter angle runs along it.
_FLATTEST_COS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Line:
    """A line across a lane on the ground, as a height over its chord.

    Attributes:
        origin: (2,) its first point. along: (2,) unit vector of its chord. onward: (2,) unit normal, the way
            traffic goes. knots: (M, 2) position along the chord, offset onward, sorted by the first.
    """

    origin: Floats
    along: Floats
    onward: Floats
    knots: Floats

    @classmethod
    def through(cls, points: Floats, before: Floats) -> Line:
        """The line through (M, 2) points that is crossed away from the point `before`."""
        chord = points[-1] - points[0]
        along = chord / np.hypot(*chord)
        onward = np.array([-along[1], along[0]])
        if (before - points[0]) @ onward > 0:
            onward = -onward
        knots = np.stack([(points - points[0]) @ along, (points - points[0]) @ onward], axis=1)
        return cls(points[0], along, onward, knots[np.argsort(knots[:, 0])])

    @property
    def length_m(self) -> float:
        return float(np.ptp(self.knots[:, 0]))

    @property
    def heading(self) -> float:
        """Direction of traffic over it, radians."""
        return float(np.arctan2(self.onward[1], self.onward[0]))

    def place(self, points: Floats) -> tuple[Floats, Floats]:
        """(N,) metres along the chord and metres beyond the line (negative: before it)."""
        along = (points - self.origin) @ self.along
        return along, (points - self.origin) @ self.onward - np.interp(along, self.knots[:, 0], self.knots[:, 1])

    def beside_m(self, along: float) -> float:
        """How far beside the painted line's ends; 0 between them."""
        return float(max(self.knots[0, 0] - along, along - self.knots[-1, 0], 0.0))


@dataclass(frozen=True, slots=True)
class Crossing:
    """Front over the line at some time in [`earliest_s`, `latest_s`] (95 % on each side).

    `stood`: it stood at the line before, and the interval begins where it moved off. `body_s`: when its rear
    wheels have passed the line, None if they did not. `onward_s`: when it last moved off before that, or `at_s`.
    `beyond_m`: how far its front got. `along_m`: where along the line. `last_speed_mps`: when last seen.
    `std_m`: uncertainty of the front's position at the line.
    """

    earliest_s: float
    at_s: float
    latest_s: float
    body_s: float | None
    beyond_m: float
    along_m: float
    last_speed_mps: float
    std_m: float
    stood: bool
    onward_s: float


def line_on_ground(
    camera: GroundCamera, pixels: tuple[tuple[float, float], ...], before: tuple[float, float]
) -> Line | None:
    """A site's stop line on the ground; None when a point of it is not on the road."""
    points = np.array([*pixels, before], float)
    forward, left = camera.to_ground(points[:, 0], points[:, 1])
    ground = np.stack([forward, left], axis=1)
    if not np.isfinite(ground).all() or np.hypot(*(ground[-2] - ground[0])) < 0.5:
        return None
    return Line.through(ground[:-1], ground[-1])


def find_crossing(prints: Footprints, line: Line) -> Crossing | None:
    """The last time a road user's front goes over a line in the direction of traffic, having been seen before it
    or standing at it.
    """
    along, beyond = line.place(prints.leading)
    margin = SURE * prints.std_m
    over = np.flatnonzero(prints.whole & (beyond > margin))
    at_line = prints.whole & (prints.speed < STANDING_MPS) & (beyond < np.maximum(margin, AT_LINE_M))
    before = np.flatnonzero((beyond < 0.0) | at_line)
    if len(over) == 0 or len(before) == 0 or before[0] >= over[-1]:
        return None
    first = int(before[before < over[-1]][-1])
    last = int(over[over > first][0])
    at = _time_at(prints.time_s, beyond, first, first + 1, 0.0)
    step = prints.centre[min(last + 1, len(beyond) - 1)] - prints.centre[first]
    if step @ line.onward <= _FLATTEST_COS * np.hypot(*step):
        return None
    began, stood = _departure(prints, beyond, margin, at_line, first)
    after = slice(first, None)
    body = _body_over(prints, line, first)
    return Crossing(
        min(began, at),
        at,
        max(_time_at(prints.time_s, beyond - margin, max(last - 1, 0), last, 0.0), at),
        body,
        float(beyond[after][prints.whole[after]].max()),
        float(np.interp(at, prints.time_s, along)),
        float(prints.speed[-1]),
        float(np.interp(at, prints.time_s, prints.std_m)),
        stood,
        _last_start(prints, at, body),
    )


def _departure(prints: Footprints, beyond: Floats, margin: Floats, at_line: Bools, first: int) -> tuple[float, bool]:
    """When its front may at the earliest have gone over: it was surely before, or stood at the line, until then."""
    rows = np.arange(len(beyond)) <= first
    sure = rows & (beyond < -margin)
    stood = rows & at_line
    until = np.flatnonzero(sure | stood)
    if len(until) == 0:
        return float(prints.time_s[0]), False
    row = int(until[-1])
    if stood[row] and not sure[row]:
        return float(prints.time_s[row]), True
    return _time_at(prints.time_s, beyond + margin, row, min(row + 1, len(beyond) - 1), 0.0), False


def _body_over(prints: Footprints, line: Line, first: int) -> float | None:
    _, rear = line.place(prints.trailing)
    passed = np.flatnonzero((rear > 0) & prints.whole & (np.arange(len(rear)) > first))
    if len(passed) == 0:
        return None
    row = int(passed[0])
    return _time_at(prints.time_s, rear, row - 1, row, 0.0)


def _last_start(prints: Footprints, at: float, body: float | None) -> float:
    """Who stands with its front over the line and then rides on does it when it rides on."""
    if body is None:
        return at
    rests = np.flatnonzero((prints.speed < STANDING_MPS) & (prints.time_s > at) & (prints.time_s < body))
    return float(prints.time_s[rests[-1]]) if len(rests) else at


def _time_at(time_s: Floats, value: Floats, row: int, following: int, level: float) -> float:
    """When `value` reached `level` between two rows; the later row where the looks are too far apart to say."""
    t0, t1, v0, v1 = time_s[row], time_s[following], value[row], value[following]
    if t1 - t0 > _LONGEST_STEP_S or v1 <= v0:
        return float(t1)
    return float(t0 + (t1 - t0) * np.clip((level - v0) / (v1 - v0), 0.0, 1.0))
