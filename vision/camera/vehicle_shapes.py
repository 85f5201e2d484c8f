"""The optics of a camera that stands, from the shapes of the cars that drive past it.

Where a box stands tells its scale; how wide and tall it appears, given the direction it drives in, tells how deep the
view is foreshortened: the focal length, which the scale alone leaves open (a telephoto lens far away and a wide one
nearby show the same scale).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from models.taxonomy import CLASS_ID, ROAD_USERS, class_ids
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.camera.pinhole import default_camera
from vision.log import Floats, GroundCamera, ObservationLog, Track
from vision.overlap import area, intersection, whole
from vision.sizes import TYPICAL

_CAR_M: Final = np.array(TYPICAL["car"].mean)
# Of a box's width and height (log). Where exactly a box ends above and below a car is a detector's habit.
_SPREAD: Final = np.array([0.12, 0.25])
# How far the mean car of a city is from that (log).
_CITY_STD: Final = np.array([0.1, 0.06, 0.12])
# A car's outline in shares of these, along it, across it, up: boot, roof, bonnet.
_OUTLINE: Final = np.array(
    [
        (a, b * w, u)
        for a, w, u in ((-0.5, 1.0, 0.65), (-0.25, 0.8, 1.0), (0.08, 0.8, 1.0), (0.5, 1.0, 0.55))
        for b in (-0.5, 0.5)
    ]
)

_ROWS_PER_TRACK: Final = 12
_FEWEST_TRACKS: Final = 4
_FEWEST_ROWS: Final = 25
_EDGE_PX: Final = 4.0
# A box with more of it behind something nearer is not a car's whole shape.
_HIDDEN: Final = 0.05
# Fits worse than this (median relative error of widths and heights) explain nothing.
_WORST_FIT: Final = 0.2
# What is likely before any car was seen: natural logarithms of focal length and height, horizon in picture heights.
_PRIOR_STD: Final = np.array([0.7, 0.6, 0.35])
# Smaller boxes are cut too roughly, and what moves less than this is jitter.
_SMALLEST_PX: Final = 24.0
_SLOWEST_PX_PER_S: Final = 8.0
_WHEELBASE: Final = 0.6  # of the length


@dataclass(frozen=True, slots=True)
class _Cars:
    """Boxes of moving cars: foot column and row, width, height in pixels, and the foot's pixels per second."""

    foot: Floats
    size: Floats
    rate: Floats


def calibrated(log: ObservationLog, given: GivenOptics = NOTHING_GIVEN) -> GroundCamera:
    """The log's camera, or a better one where enough cars drive past it. For cameras that stand.

    What is given is held. With a given lens it is the log's camera: shapes are compared with what a pinhole shows.
    """
    start = given.over(log.meta.ground_camera)
    if given.complete or given.lens is not None:
        return start
    samples = list(_samples(log))
    if len(samples) < _FEWEST_TRACKS or sum(len(sample.foot) for sample in samples) < _FEWEST_ROWS:
        return start
    cars = _Cars(*(np.concatenate([getattr(s, name) for s in samples]) for name in ("foot", "size", "rate")))
    return _fit(cars, len(samples), start, (log.meta.width, log.meta.height), given) or start


def _samples(log: ObservationLog) -> Iterator[_Cars]:
    size = (log.meta.width, log.meta.height)
    for track in log.each_track(frozenset({CLASS_ID["car"]})):
        boxes = track.boxes.astype(np.float64)
        rate = _rates(track)
        speed, sides = np.hypot(*rate.T), boxes[:, 2:] - boxes[:, :2]
        moving = (speed > np.maximum(0.15 * sides[:, 0], _SLOWEST_PX_PER_S)) & (sides.min(axis=1) > _SMALLEST_PX)
        rows = np.flatnonzero(whole(track.boxes, size, _EDGE_PX) & moving)
        rows = rows[~_hidden(log, track.rows[rows])]
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _ROWS_PER_TRACK)).astype(int)] if len(rows) else rows
        if len(rows) >= 3:
            yield _Cars(_feet(boxes[rows]), sides[rows], rate[rows])


def _hidden(log: ObservationLog, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(N,) whether something nearer covers part of the box in some rows of the table."""
    seen, users = log.observations, list(class_ids(ROAD_USERS))
    starts, ends = (np.searchsorted(seen.frame, seen.frame[rows], side=side) for side in ("left", "right"))
    hidden = np.zeros(len(rows), bool)
    for i, (row, start, end) in enumerate(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)):
        boxes = seen.boxes[start:end]
        nearer = np.isin(seen.class_id[start:end], users) & (boxes[:, 3] > seen.boxes[row, 3] + 1.0)
        shared = intersection(boxes[nearer], seen.boxes[row : row + 1])
        hidden[i] = shared.sum() > _HIDDEN * float(area(seen.boxes[row : row + 1])[0])
    return hidden


def _feet(boxes: Floats) -> Floats:
    return np.stack([0.5 * (boxes[:, 0] + boxes[:, 2]), boxes[:, 3]], axis=1)


def _rates(track: Track) -> Floats:
    """(N, 2) pixels per second of the foot point, over about half a second either way."""
    feet, time_s = _feet(track.boxes.astype(np.float64)), track.time_s
    low = np.searchsorted(time_s, time_s - 0.5)
    high = np.minimum(np.searchsorted(time_s, time_s + 0.5, side="right") - 1, len(time_s) - 1)
    return (feet[high] - feet[low]) / np.maximum(time_s[high] - time_s[low], 0.1)[:, None]


def _fit(
    cars: _Cars, tracks: int, start: GroundCamera, size: tuple[int, int], given: GivenOptics
) -> GroundCamera | None:
    """Most likely focal length, height, horizon and mean car of the city; each track counts as one car."""
    likely, picture_height = default_camera(*size, "fixed", given), size[1]
    prior = np.array(
        [np.log(start.focal_px), np.log(likely.height_m), likely.horizon_y / picture_height, 0.0, 0.0, 0.0]
    )
    std = np.concatenate([_PRIOR_STD, _CITY_STD])
    free = np.array([given.focal_px is None, given.height_m is None, given.horizon_y is None, True, True, True])
    highest = float(cars.foot[:, 1].min()) / picture_height - 0.02
    weight = np.repeat(np.sqrt(tracks / len(cars.foot)) / _SPREAD, len(cars.foot))

    def filled(some: Floats) -> Floats:
        p = prior.copy()
        p[free] = some
        return p

    def residuals(some: Floats) -> Floats:
        p = filled(some)
        camera = _camera(p, start.centre_x, picture_height)
        return np.concatenate([weight * _misfit(cars, camera, _CAR_M * np.exp(p[3:])), (p - prior) / std])

    low, high = prior - 3.0 * std, prior + 3.0 * std
    high[2] = min(high[2], highest)
    lower = min(0.0, highest - 0.05 - prior[2])
    tries = [np.clip(prior + np.array([focal, 0.0, lower, 0.0, 0.0, 0.0]), low, high)[free] for focal in (0.0, 1.0)]
    bounds = (low[free], high[free])
    fits = [least_squares(residuals, some, bounds=bounds, loss="soft_l1") for some in tries]
    best = filled(min(fits, key=lambda fit: float(fit.cost)).x)
    camera = _camera(best, start.centre_x, picture_height)
    wrong = float(np.median(np.abs(_misfit(cars, camera, _CAR_M * np.exp(best[3:])))))
    # At the edge of what is likely, something else than a longer lens makes the cars look as they do.
    inside = bool(np.all(np.abs(best[:2] - prior[:2]) < 2.9 * std[:2]))
    return given.over(camera) if wrong < _WORST_FIT and inside else None


def _camera(p: Floats, centre_x: float, picture_height: int) -> GroundCamera:
    return GroundCamera(
        float(np.exp(p[0])), centre_x, float(p[2] * picture_height), float(np.exp(p[1])), ("vehicle shapes",)
    )


def _misfit(cars: _Cars, camera: GroundCamera, car_m: Floats) -> Floats:
    """(2 N,) logarithms of how much too wide and too tall a car of size `car_m` would appear."""
    x, y = cars.foot.T
    near, _ = camera.to_ground(x, np.maximum(y, camera.horizon_y + 1.0))
    column = -(x - camera.centre_x) / camera.focal_px
    cos, sin = _heading(cars, camera, near, column)
    forward = near + 0.5 * (_WHEELBASE * car_m[0] * np.abs(cos) + car_m[1] * np.abs(sin))
    along, across, up = (_OUTLINE * car_m).T
    corner_forward = np.maximum(forward[:, None] + along * cos[:, None] - across * sin[:, None], 0.5)
    corner_left = (column * forward)[:, None] + along * sin[:, None] + across * cos[:, None]
    wide = camera.focal_px * np.ptp(corner_left / corner_forward, axis=1)
    top = camera.horizon_y + (camera.focal_px * (camera.height_m - up) / corner_forward).min(axis=1)
    tall = np.maximum(y - top, 1.0)
    wrong: Floats = np.log(np.concatenate([wide / cars.size[:, 0], tall / cars.size[:, 1]]))
    return wrong


def _heading(cars: _Cars, camera: GroundCamera, near: Floats, column: Floats) -> tuple[Floats, Floats]:
    below = np.maximum(cars.foot[:, 1] - camera.horizon_y, 1.0)
    along = -near / below * cars.rate[:, 1]
    left = -cars.rate[:, 0] / camera.focal_px * near + column * along
    speed = np.maximum(np.hypot(along, left), 1e-6)
    return along / speed, left / speed
