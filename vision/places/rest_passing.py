"""The velocity of a thing that a driving camera passes, and how well it is known.

Where a thing stands on the road is read twice: off the row of its foot, and off how tall it appears. Both are wrong in
ways that go on for as long as it is seen (the horizon, the scale, the height of its kind) or from look to look (a
detector's habits), so the velocity is the generalised least squares estimate under the covariance of all of them
(Aitken 1935). What is added up here are standard deviations of single causes; where they come from is said at each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import Floats, GroundCamera
from vision.places.track_path import onward

# Fitted on simulated drives (sixteen of `pipelines.simulate.drive_random`, seeds 2000-2015, 29 November 2026): tracks
# that show one vehicle only, with GPS and without; the widest that tell no worse, since streets differ more than
# simulated ones. A detector's edges are off by twice this, but mostly for as long as a window lasts, which does not
# matter here.
EDGE_PX: Final = 0.6  # of a picture 640 wide
EDGE_SHARE: Final = 0.03  # of the box
LASTING: Final = 0.55  # share of their variance that lasts, and for how long
LASTING_S: Final = 2.0
# In passing, a box's foot wanders along the thing, from the rear bumper to the near wheel to the front one.
WANDER_M: Final = (0.6, 0.5)  # along and across the way
WANDER_S: Final = 1.5
NOD_RAD: Final = 0.003  # a car on its springs, from look to look
HORIZON: Final = 0.5  # times what the camera's pitch is said to be uncertain by, most of which is the road's slope
SCALE: Final = 0.08  # of distances by the foot against the camera's way
EGO: Final = 0.02  # of the camera's way over a few seconds
HEIGHT: Final = 0.15  # of the heights of things of a kind, and of the focal length
YAW_RAD: Final = 0.01  # where the camera looks against where it drives
TURN_RPS: Final = 0.01
ANYWHERE_M: Final = 300.0
FASTEST_MPS: Final = 30.0
NEAREST_M: Final = 1.0
USUAL_OFF: Final = 2.0  # standard deviations from which a sighting is doubted
STEPS: Final = 6
TINY: Final = 1e-4  # square metres: keeps what is seen without error solvable


@dataclass(frozen=True, slots=True)
class Passed:
    """(N,) sightings of one thing.

    Attributes:
        way, aside: metres of the camera itself along a direction of the world near to where it looks, and to the left
            of that, from anywhere. turned: radians that it looks to the left of that direction.
        below, beside: pixels of the thing's foot below the horizon, and to the left of the middle.
        high, wide: of its box, pixels of a level pinhole and native ones.
    """

    time_s: Floats
    way: Floats
    aside: Floats
    turned: Floats
    below: Floats
    beside: Floats
    high: Floats
    wide: Floats


@dataclass(frozen=True, slots=True)
class _Line:
    """(N,) where a thing is that moves evenly, near to how it is seen.

    Attributes:
        depth: metres ahead. forth, aside: metres along the way and to its left, per metre of depth.
        high: of its box from there, pixels. By boxes as they were found, those that are too high would have the smaller
            errors, and far things, where that is much, come nearer too slowly.
        off: what its foot's row is off from there, pixels.
        foot_doubt, top_doubt: how many times as uncertain as usual the box's lower and its upper edge are.
    """

    depth: Floats
    forth: Floats
    aside: Floats
    high: Floats
    off: Floats
    foot_doubt: Floats
    top_doubt: Floats


def velocity(seen: Passed, metres: float, camera: GroundCamera, width: int) -> tuple[Floats, Floats]:
    """(2,) metres per second along and across the way, and their standard uncertainties.

    Args:
        metres: how tall such things are. width: of the picture, pixels.
    """
    line = _even(seen, camera, width)
    by_size = camera.focal_px * metres / seen.high
    by_foot = line.depth - line.off * _metres_per_px(line.depth, camera)
    ahead = _slope(
        np.tile(seen.time_s, 2),
        np.tile(seen.way, 2)
        + np.tile(line.forth, 2) * np.concatenate([by_foot, line.depth * (1.0 + np.log(by_size / line.depth))]),
        _along(seen, line, camera, width),
    )
    aside = _slope(seen.time_s, seen.aside + line.aside * line.depth, _across(seen, line, camera, width))
    return np.array([ahead[0], aside[0]]), np.array([ahead[1], aside[1]])


def _even(seen: Passed, camera: GroundCamera, width: int) -> _Line:
    """By Gauss and Newton's method in rows of the picture, where errors are alike near and far; edges that were found
    much too far off then count less (Huber 1964).
    """
    drop, times = camera.focal_px * camera.height_m, seen.time_s - seen.time_s[0]
    way, oblique = seen.way - seen.way[0], seen.beside / camera.focal_px
    forth, aside = onward(oblique, seen.turned)
    usual = edge_error(seen.high, width)
    rows = np.stack([np.ones(len(times)), times], axis=1)
    middle = float(np.median(forth * drop / seen.below + way))
    place, doubt = np.array([middle, 0.0]), np.ones(len(times))
    for _ in range(STEPS):
        depth = np.maximum((rows @ place - way) / forth, NEAREST_M)
        off = seen.below - drop / depth
        doubt = _doubt(off, usual)
        slope = -drop / depth**2 / forth
        scaled = rows * (slope / (usual * doubt))[:, None]
        pull = np.diag([ANYWHERE_M**-2.0, FASTEST_MPS**-2.0])
        place = place + np.linalg.solve(
            scaled.T @ scaled + pull, scaled.T @ (off / (usual * doubt)) - pull @ (place - (middle, 0.0))
        )
    depth = np.maximum((rows @ place - way) / forth, NEAREST_M)
    off = seen.below - drop / depth
    high = np.median(seen.high * depth) / depth
    return _Line(depth, forth, aside, high, off, doubt, _doubt(off - (seen.high - high), usual))


def _doubt(off: Floats, usual: Floats) -> Floats:
    return np.asarray(np.maximum(1.0, np.abs(off) / (USUAL_OFF * usual)))


def _slope(times: Floats, values: Floats, covariance: Floats) -> tuple[float, float]:
    """Slope of a line that may begin anywhere, and its standard uncertainty."""
    rows = np.stack([np.ones(len(times)), times - times.mean()], axis=1)
    solved = np.linalg.solve(covariance, np.column_stack([rows, values - values.mean()]))
    spread = np.linalg.inv(rows.T @ solved[:, :2] + np.diag([ANYWHERE_M**-2.0, 0.0]))
    slope = spread @ (rows.T @ solved[:, 2])
    return float(slope[1]), float(np.sqrt(spread[1, 1]))


def _along(seen: Passed, line: _Line, camera: GroundCamera, width: int) -> Floats:
    """(2 N, 2 N) covariance of places along the way by the foot, then by the size."""
    foot, top = (_edge(seen.time_s, line.high, doubt, width) for doubt in (line.foot_doubt, line.top_doubt))
    by_foot, by_size = _metres_per_px(line.depth, camera) * line.forth, line.depth / line.high * line.forth
    count, both = len(seen.time_s), np.concatenate([by_foot, by_size])
    zero = np.zeros(count)
    covariance = np.tile(foot, (2, 2)) * np.outer(both, both)
    covariance[count:, count:] += top * np.outer(by_size, by_size)
    covariance += np.tile(lasting(seen.time_s, WANDER_S) * WANDER_M[0] ** 2, (2, 2))
    covariance += np.diag(np.concatenate([(NOD_RAD * camera.focal_px * by_foot) ** 2, zero]) + TINY)
    for cause in (
        np.concatenate([HORIZON * camera.pitch_std * camera.focal_px * by_foot, zero]),
        np.concatenate([SCALE * line.depth * line.forth, zero]),
        np.concatenate([zero, HEIGHT * line.depth * line.forth]),
        EGO * np.tile(seen.way - seen.way.mean(), 2),
    ):
        covariance += np.outer(cause, cause)
    return np.asarray(covariance)


def _across(seen: Passed, line: _Line, camera: GroundCamera, width: int) -> Floats:
    """(N, N) covariance of places across the way."""
    side, foot = line.depth / camera.focal_px, _metres_per_px(line.depth, camera) * line.aside
    covariance = _edge(seen.time_s, seen.wide, line.foot_doubt, width) * np.outer(side, side) / 2
    covariance += lasting(seen.time_s, WANDER_S) * WANDER_M[1] ** 2 + TINY * np.eye(len(side))
    for cause in (
        HORIZON * camera.pitch_std * camera.focal_px * foot,
        SCALE * line.depth * line.aside,
        YAW_RAD * line.depth,
        TURN_RPS * line.depth * (seen.time_s - seen.time_s.mean()),
    ):
        covariance += np.outer(cause, cause)
    return np.asarray(covariance)


def _metres_per_px(depth: Floats, camera: GroundCamera) -> Floats:
    """How far the place by the foot moves when the foot's row does."""
    return np.asarray(depth**2 / (camera.focal_px * camera.height_m))


def _edge(time_s: Floats, side: Floats, doubt: Floats, width: int) -> Floats:
    """(N, N) covariance of an edge of a box whose side is `side`, square pixels. A gross error is of one look only."""
    usual = edge_error(side, width)
    return np.asarray(alike(time_s) * np.outer(usual, usual) + np.diag(usual**2 * (doubt**2 - 1.0)))


def edge_error(side: Floats, width: int) -> Floats:
    """(N,) standard uncertainty, in pixels, of an edge of boxes with these sides in a picture `width` wide."""
    return np.hypot(EDGE_PX * width / 640, EDGE_SHARE * side)


def alike(time_s: Floats) -> Floats:
    """(N, N) correlation of a detector's errors of one edge at these times."""
    return np.asarray(LASTING * lasting(time_s, LASTING_S) + (1 - LASTING) * np.eye(len(time_s)))


def lasting(time_s: Floats, memory_s: float) -> Floats:
    """(N, N) correlation of what is forgotten in `memory_s`."""
    return np.asarray(np.exp(-np.abs(time_s[:, None] - time_s[None, :]) / memory_s))
