"""Where a drive heads in the picture: the point away from which everything that stands moves, on the horizon.

Over one step a point moves along the ray away from that point by driving, and as turning, nodding and rolling have it;
across the ray only the latter and the errors of following it remain (the differential epipolar constraint; Ma, Kosecka
& Sastry, "Linear differential algorithm for motion recovery", IJCV 2000). That remainder, in pixels of motion, is as
uncertain for all points; the distance of the ray itself is not. Least squares of that distance lets the far points pull
towards themselves, which is up, as the road is near (Kanatani, "Statistical optimization for geometric computation",
1996, chapter 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vision.log import Floats, GroundCamera
from vision.motion.egomotion import CORNER_PX, RELIC, quantile, straightened
from vision.motion.flow import FlowStep

FASTEST_SHARE: Final = 0.002  # of the width: many points must move farther than errors for a step to tell
FEWEST_POINTS: Final = 30
FEWEST_STEPS: Final = 20
OUTWARD_SHARE: Final = 0.8
WORST_STEP: Final = 0.03  # of the width: a step that is less sure of the row says nothing
WORST: Final = (0.02, 0.015)  # the same of a drive's column and row
ROUNDS: Final = 8
LIKELY: Final = 0.1  # of the width: how far off the middle of the picture cameras head
ROLL_RAD: Final = 0.02  # of a car over a step
NOD_RAD: Final = 0.004  # of a car on its springs, from step to step
DOUBT: Final = 2.0  # errors from which a point is doubted


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a drive heads: its column on the horizon, the horizon's row in the column of the optical axis, and their
    standard uncertainties; native pixels.
    """

    column: float
    row: float
    column_std: float
    row_std: float


def vanishing_point(steps: Iterable[FlowStep], size: tuple[int, int], camera: GroundCamera) -> Heading | None:
    """Where a drive heads; None where too few steps agree.

    Nodding moves it for a moment: the steps' median, weighted by their certainty, does not mind.

    Args:
        camera: whose lens bends the ways; its horizon does not matter.
    """
    if camera.lens is not None:
        camera = replace(camera, horizon_y=camera.lens.centre_y)
    straight = (straightened(step, camera) for step in steps if not step.cut)
    found = [point for step in straight for point in [heading_point(step, size, camera.focal_px)] if point is not None]
    if len(found) < FEWEST_STEPS:
        return None
    seen = np.array([[each.column, each.row] for each in found])
    points = np.stack([camera.native(seen)[:, 0], _axis_rows(seen[:, 1], camera)], axis=1)
    std = np.array([[each.column_std, each.row_std] for each in found])
    weight = 1.0 / (std**2 + (NOD_RAD * camera.focal_px) ** 2)
    column, row = (_quantiles(points[:, side], weight[:, side]) for side in range(2))
    # Of a median, by the middle half of what is evenly sure.
    error = [(high - low) / np.sqrt(len(points)) for low, _, high in (column, row)]
    if error[0] > WORST[0] * size[0] or error[1] > WORST[1] * size[0]:
        return None
    return Heading(column[1], row[1], float(error[0]), float(error[1]))


def _axis_rows(rows: Floats, camera: GroundCamera) -> Floats:
    """(N,) native rows in the column of the optical axis of lines that are level at these rows once straightened."""
    if camera.lens is None:
        return rows
    aside = (rows - camera.lens.centre_y) * np.tan(camera.lens.roll_rad)
    return camera.native(np.stack([camera.centre_x + aside, rows], axis=1))[:, 1]


def _quantiles(values: Floats, weight: Floats) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    order = np.argsort(values)
    share = np.cumsum(weight[order]) / weight.sum()
    low, middle, high = values[order][np.searchsorted(share, [0.25, 0.5, 0.75]).clip(0, len(values) - 1)].tolist()
    return low, middle, high


def heading_point(step: FlowStep, size: tuple[int, int], focal_px: float) -> Heading | None:
    """Where the camera heads over one step; None where its flow does not tell.

    Args:
        focal_px: roughly, which turning needs.
    """
    move = (step.after - step.before).astype(float)
    length = np.hypot(move[:, 0], move[:, 1])
    if (length > FASTEST_SHARE * size[0]).sum() < FEWEST_POINTS:
        return None
    live = length > RELIC * size[0]
    at, move = ((step.before + step.after) / 2)[live].T.astype(float), move[live].T
    point, std, by_driving = _solved(at, move, size, focal_px)
    inside = 0.2 * size[0] < point[0] < 0.8 * size[0] and 0.15 * size[1] < point[1] < 0.85 * size[1]
    outward = float(np.mean((by_driving * (at - point[:, None])).sum(axis=0) > 0))
    if not inside or outward < OUTWARD_SHARE or std[1] > WORST_STEP * size[0]:
        return None
    return Heading(float(point[0]), float(point[1]), float(std[0]), float(std[1]))


def _solved(at: Floats, move: Floats, size: tuple[int, int], focal_px: float) -> tuple[Floats, Floats, Floats]:
    """Gauss-Newton over the heading and three turns, reweighted by the Cauchy function, by (2, N) places and motions.

    Returns:
        (2,) the heading, (2,) its standard uncertainty, (2, N) what turning does not explain of the motion.
    """
    turning, middle = _turning(at, size, focal_px), np.array(size) / 2
    likely = np.append(middle, np.zeros(3))
    sure = np.array([LIKELY * size[0], LIKELY * size[0], 1e3, 1e3, ROLL_RAD]) ** -2.0
    found = likely
    for _ in range(ROUNDS):
        off, slope = _across(at, move, turning, found)
        noise = max(CORNER_PX * size[0] / 640, 1.4826 * quantile(np.abs(off), 0.5))
        scaled = slope / (noise**2 * (1.0 + (off / (DOUBT * noise)) ** 2))
        normal = scaled @ slope.T + np.diag(sure)
        found = found - np.linalg.solve(normal, scaled @ off + sure * (found - likely))
        found[:2] = np.clip(found[:2], middle - size[0], middle + size[0])
    std = np.sqrt(np.diag(np.linalg.inv(normal)))[:2]
    return found[:2], std, move - _turned(found[2:], turning)


def _turning(at: Floats, size: tuple[int, int], focal_px: float) -> Floats:
    """(3, 2, N) pixels that points move by per radian of turning to the left, nodding up and rolling."""
    x, y = (at - np.array(size)[:, None] / 2) / focal_px
    return focal_px * np.array([[1 + x**2, x * y], [x * y, 1 + y**2], [-y, x]])


def _turned(turns: Floats, turning: Floats) -> Floats:
    """(2, N) pixels that points move by in three turns."""
    return (turns @ turning.reshape(3, -1)).reshape(2, -1)


def _across(at: Floats, move: Floats, turning: Floats, found: Floats) -> tuple[Floats, Floats]:
    """(N,) motion across the rays that turning does not explain, and (5, N) what it changes by.

    By the heading it changes with the motion along the ray only: that across it is the error looked at here, and one
    that comes twice would pull.
    """
    away = at - found[:2, None]
    radius = np.hypot(away[0], away[1]) + 1e-6
    x, y = away / radius
    by_driving = move - _turned(found[2:], turning)
    off, along = x * by_driving[1] - y * by_driving[0], x * by_driving[0] + y * by_driving[1]
    lever = along / radius
    return off, np.concatenate([[-y * lever, x * lever], y * turning[:, 0] - x * turning[:, 1]])
