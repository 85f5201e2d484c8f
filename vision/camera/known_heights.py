"""How high a camera is above the road, from things of known height that stand on it.

What is `size_m` tall and reaches from row `foot` up by `high` pixels tells, over a flat road and for a camera that
looks about level, `height_m = size_m * (foot - horizon_y) / high`, whatever the focal length (Hoiem, Efros & Hebert,
"Putting Objects in Perspective", IJCV 2008). A foot that something hides matters little to a dashcam: the roofs of cars
are near its horizon, so what is seen above the road and what is seen of the car shrink alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID
from vision.log import Floats, GroundCamera
from vision.overlap import Boxes, iou, whole
from vision.sizes import TYPICAL

CAR: Final = CLASS_ID["car"]
HEIGHT_M: Final = {CLASS_ID[name]: TYPICAL[name].mean[2] for name in ("car", "person")}
_SPREAD: Final = 0.1  # of the heights of single cars or people, as a logarithm
# How far the mean of a place may be from these, with a detector's habit of cutting boxes, as a logarithm.
FLEET_LOG_STD: Final = 0.04
_MOST: Final = 30  # things tell no more, however many: they share a road that is not quite flat, and a detector
_FAR_OUT: Final = 1.0  # standard deviations
_ROUNDS: Final = 30
_LONGEST_ROUND: Final = 1.0  # standard deviations of what was likely
_EDGE_PX: Final = 4.0
# Shares of the picture's width. Smaller boxes are not measured. The road under a thing is off the plane under the
# camera by about half a degree, and its box off the thing by half of that.
_SMALLEST: Final = 0.02
_ROW_ERROR: Final = 0.006
_SAME: Final = 0.3  # IoU with a box of the looks before
_LOOKS_BACK: Final = 3


@dataclass(frozen=True)
class Sights:
    """Boxes of looks at whole pictures.

    Attributes:
        boxes: (N, 4) native pixels. class_id: (N,).
        look: (N,) number of the look, ascending.
        since: (N,) the look from which on the camera has stood; the look itself while it drives. None: it drives.
    """

    boxes: Boxes
    class_id: NDArray[np.int16]
    look: NDArray[np.intp]
    since: NDArray[np.intp] | None = None

    @cached_property
    def thing(self) -> NDArray[np.intp]:
        """(N,) which thing each box shows: that of the box of the looks just before which it overlaps most.

        Cheaper than tracking, which needs the camera's motion, which needs this. What is lost for longer counts anew,
        unless the camera has not left since: a car beside one that waits is one, however often others hide it.
        """
        thing, since = np.arange(len(self.boxes)), self.look if self.since is None else self.since
        starts = np.unique(self.look, return_index=True)[1]
        recent = np.zeros(0, np.intp)  # rows of boxes to compare with
        last = np.ones(len(thing), bool)  # which boxes are the last of their things
        for rows in np.split(np.arange(len(thing)), starts[1:]) if len(starts) else []:
            before, stood = self.look[rows[0]] - _LOOKS_BACK, since[rows[0]] - _LOOKS_BACK
            recent = recent[self.look[recent] >= np.where(last[recent], stood, before)]
            if len(recent):
                alike = self.class_id[rows, None] == self.class_id[None, recent]
                overlap = iou(self.boxes[rows], self.boxes[recent]) * alike
                known = overlap.max(axis=1) > _SAME
                thing[rows] = np.where(known, thing[recent][overlap.argmax(axis=1)], thing[rows])
            last[recent[np.isin(thing[recent], thing[rows])]] = False
            recent = np.concatenate([recent, rows])
        return thing


@dataclass(frozen=True, slots=True)
class Stance:
    """How a camera looks at the road.

    Attributes:
        height_m, height_log_std: above the road in metres, and its uncertainty as a logarithm.
        horizon_y, horizon_std: row, native pixels.
        unlikeliness: how badly it agrees with what is seen and with what was likely before (negative log posterior).
    """

    height_m: float
    height_log_std: float
    horizon_y: float
    horizon_std: float
    unlikeliness: float = 0.0


def pixels_per_metre(sights: Sights, size: tuple[int, int]) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Rows of `sights` that lie whole in the picture and have a known height, their foot rows and pixels per metre."""
    boxes = sights.boxes.astype(float)
    metres = np.full(len(boxes), np.nan)
    for known, value in HEIGHT_M.items():
        metres[sights.class_id == known] = value
    use = np.flatnonzero(whole(sights.boxes, size, _EDGE_PX) & ~np.isnan(metres))
    return use, boxes[use, 3], (boxes[use, 3] - boxes[use, 1]) / metres[use]


def whole_cars(sights: Sights, size: tuple[int, int]) -> NDArray[np.intp]:
    """Rows of `sights` that are cars and lie whole in the picture."""
    return np.flatnonzero(whole(sights.boxes, size, _EDGE_PX) & (sights.class_id == CAR))


def straightened(sights: Sights, size: tuple[int, int], camera: GroundCamera) -> Sights:
    """Boxes that lie whole in the picture, as high as a level pinhole would see them."""
    if camera.lens is None:
        return sights
    boxes = sights.boxes.astype(float)
    keep = whole(sights.boxes, size, _EDGE_PX)
    boxes = boxes[keep]
    boxes[:, [1, 3]] = camera.level_rows(boxes)
    seen = np.isfinite(boxes).all(axis=1)
    since = None if sights.since is None else sights.since[keep][seen]
    return Sights(boxes[seen].astype(np.float32), sights.class_id[keep][seen], sights.look[keep][seen], since)


def stance(sights: Sights, size: tuple[int, int], prior: Stance) -> Stance:
    """The most likely height and horizon by all cars and people together, and by what was likely before.

    Each thing counts once, however long it is seen. Where the horizon is uncertain, or few things are seen, little
    changes. Errors grow with a thing's scale times the height that is looked for. They are held while residuals are
    made small (iteratively reweighted least squares): the least sum of residuals divided by errors that depend on what
    is looked for makes the errors large instead, here the camera high and the horizon with it (Carroll & Ruppert,
    "Transformation and Weighting in Regression", 1988, chapter 2).
    """
    rows, foot, scale = pixels_per_metre(sights, size)
    large = scale * min(HEIGHT_M.values()) > _SMALLEST * size[0]
    rows, foot, scale = rows[large], foot[large], scale[large]
    if not len(rows):
        return prior
    _, thing, count = np.unique(sights.thing[rows], return_inverse=True, return_counts=True)
    # foot = horizon_y + height_m * scale holds for the means over a thing's boxes as for each of them.
    foot, scale = np.bincount(thing, foot) / count, np.bincount(thing, scale) / count
    error = np.hypot(_SPREAD, _ROW_ERROR * size[0] / (scale * min(HEIGHT_M.values())))
    return _most_likely(foot, scale, error, prior)


def _most_likely(foot: Floats, scale: Floats, error: Floats, prior: Stance) -> Stance:
    """`foot, scale, error`: (N,) rows, pixels per metre and relative uncertainties of things."""
    share = min(1.0, _MOST / len(foot))
    likely = np.array([np.log(prior.height_m), prior.horizon_y])
    sure = np.array([prior.height_log_std, prior.horizon_std]) ** -2.0
    found, longest = likely, _LONGEST_ROUND * sure**-0.5
    for _ in range(_ROUNDS):
        below = np.exp(found[0]) * scale
        off = (foot - found[1] - below) / (below * error)
        # Pseudo-Huber: vans among the cars and hidden feet count less.
        weight = share / np.sqrt(1.0 + (off / _FAR_OUT) ** 2)
        slope = np.stack([1.0 / error, 1.0 / (below * error)], axis=1)
        normal = (slope * weight[:, None]).T @ slope + np.diag(sure)
        change = np.linalg.solve(normal, slope.T @ (weight * off) - sure * (found - likely))
        found = found + np.clip(change, -longest, longest)
    spread = np.sqrt(np.diag(np.linalg.inv(normal)))
    misfit = 2.0 * _FAR_OUT**2 * (np.sqrt(1.0 + (off / _FAR_OUT) ** 2) - 1.0) + 2.0 * np.log(below * error)
    return Stance(
        float(np.exp(found[0])),
        float(np.hypot(spread[0], FLEET_LOG_STD)),
        float(found[1]),
        float(spread[1]),
        0.5 * float(share * misfit.sum() + sure @ (found - likely) ** 2),
    )
