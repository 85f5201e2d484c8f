"""The focal length by the lengths of cars that a drive passes.

Along a straight way the motion of a picture leaves open how long the lens is: a longer one shows the same of a world
that is as much longer, and no wider (a translating camera knows its world up to an affine map only; Hartley &
Zisserman, "Multiple View Geometry", 2004, section 19.5). Things of known length decide. Of a car beside the way the
inner edge of its box is its far corner, the outer one its near corner. With the way `s` that the camera has come, by a
focal length that is guessed, their columns over it are `x / (far - s)` and `(x + width) / (near - s)`; what
`far - near` is too long by, the focal length is too long by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.camera.known_heights import Sights, whole_cars
from vision.log import Floats, GroundCamera
from vision.motion.egomotion import EgoMotion, from_local_frame
from vision.sizes import TYPICAL

(_LENGTH_M, _WIDTH_M, _), (_LENGTH_STD, _, _) = TYPICAL["car"].mean, TYPICAL["car"].std
ROUNDED_M: Final = 0.3  # corners are round: the outermost points are not as far apart as the ends
WIDTH_STD: Final = 0.15  # of widths, and of how a detector cuts them
STRAIGHT_RAD: Final = 0.02  # cars stand along the way where it turns no more while they are passed
LEAST_WAY_M: Final = 4.0
FEWEST_LOOKS: Final = 5
FEWEST_EDGES: Final = 4
FEWEST_CARS: Final = 2
SMALLEST_SHARE: Final = 0.02  # of the picture's width
# A detector's edges: pixels of a picture 640 wide, share of the box, and times that for errors that last.
ERROR: Final = (1.3, 0.03)
LASTING: Final = 1.7
DOUBT: Final = 2.0  # errors from which an edge is doubted
HIDDEN_SHARE: Final = 0.03  # of the box's width: what begins nearer than this to an edge may hide it
OUTWARD: Final = 0.03  # tangent: what is less to the side is not passed beside
FARTHEST_ASIDE_M: Final = 8.0
WORST_FIT: Final = 1.5  # errors
WORST_LENGTH_M: Final = 1.5  # standard uncertainty
WORST_WIDTH_M: Final = 0.3  # off what is usual: it moves, or is no car
ROUNDS: Final = 12
LONGEST_ROUND_M: Final = 3.0
NEAREST_M: Final = 1.0
OTHERS: Final = (0.1, 0.2, 0.35, 0.5)  # shares of lengths that may be something else, anything up to `LONGEST_M`
LONGEST_M: Final = 8.0
MODEL_STD: Final = 0.05  # what the cars of one place are longer or shorter than those of others, as a logarithm


@dataclass(frozen=True, slots=True)
class FocalByLengths:
    """`factor`: of the focal length against the one guessed. `log_std`: its uncertainty. `cars`: that it rests on."""

    factor: float
    log_std: float
    cars: int


@dataclass(frozen=True, slots=True)
class _Passing:
    """(N,) looks at one car.

    Attributes:
        way, aside: metres of the camera along the way and towards the car's side, from its first look.
        inner, outer: tangents of the box's edges from the way, towards the car's side; whether nothing hides them.
        error: of these tangents.
    """

    way: Floats
    aside: Floats
    inner: Floats
    outer: Floats
    inner_free: NDArray[np.bool_]
    outer_free: NDArray[np.bool_]
    error: Floats


def focal_by_lengths(
    sights: Sights, ego: EgoMotion, camera: GroundCamera, column: float, size: tuple[int, int], log_std: float
) -> FocalByLengths | None:
    """What parked cars say of the focal length; None where they make it no surer.

    Args:
        ego: the camera's motion through `camera`, at each look of `sights`.
        camera: a pinhole whose height is known better than its focal length.
        column: to which the camera drives, pixels. size: of the picture.
        log_std: uncertainty of the focal length of `camera`, as a logarithm.
    """
    use = whole_cars(sights, size)
    use = use[sights.boxes[use, 2] - sights.boxes[use, 0] > SMALLEST_SHARE * size[0]]
    thing = sights.thing[use]
    passed = (_passing(sights, use[thing == each], ego, camera, column, size[0]) for each in np.unique(thing))
    lengths = np.array([length for each in passed if each is not None for length in [_length(each)] if length])
    if len(lengths) < FEWEST_CARS:
        return None
    factor, std = _likely(lengths, log_std)
    std = float(np.hypot(std, MODEL_STD))
    return FocalByLengths(factor, std, len(lengths)) if std < log_std else None


def _passing(
    sights: Sights, rows: NDArray[np.intp], ego: EgoMotion, camera: GroundCamera, column: float, width: int
) -> _Passing | None:
    look = sights.look[rows]
    heading = ego.heading_rad[look]
    straight = np.asarray(np.median(heading))
    way, left = from_local_frame(ego.x_m[look[0]], ego.y_m[look[0]], straight, ego.x_m[look], ego.y_m[look])
    turned = heading - straight
    if len(rows) < FEWEST_LOOKS or np.abs(turned).max() > STRAIGHT_RAD or not way[-1] > LEAST_WAY_M:
        return None
    boxes = sights.boxes[rows].astype(float)
    edges = (boxes[:, [0, 2]] - column) / camera.focal_px
    edges -= turned[:, None] * (1.0 + edges**2)
    free = _free(sights, rows)
    error = LASTING * np.hypot(ERROR[0] * width / 640, ERROR[1] * (boxes[:, 2] - boxes[:, 0])) / camera.focal_px
    if np.median(edges) > 0:
        return _beside(_Passing(way, -left, edges[:, 0], edges[:, 1], free[:, 0], free[:, 1], error))
    return _beside(_Passing(way, left, -edges[:, 1], -edges[:, 0], free[:, 1], free[:, 0], error))


def _beside(seen: _Passing) -> _Passing | None:
    """If it is passed at its side, and both edges are seen often enough."""
    outward = seen.inner.min() > 0 and np.median(seen.inner) > OUTWARD
    often = min(seen.inner_free.sum(), seen.outer_free.sum()) >= FEWEST_EDGES
    return seen if outward and often else None


def _free(sights: Sights, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(N, 2) whether nothing nearer in the same look begins or ends about the left and right edge of a box."""
    # `vision.overlap.hidden_edges` asks whether most of an edge is another's: a length rests on the edge itself, which
    # what ends just inside it, or covers a corner of it, moves as well.
    free = np.ones((len(rows), 2), bool)
    for i, row in enumerate(rows.tolist()):
        x1, _, x2, foot = sights.boxes[row].tolist()
        low, high = np.searchsorted(sights.look, [sights.look[row], sights.look[row] + 1])
        others = sights.boxes[low:high]
        nearer = (others[:, 3] > foot) & (others[:, 1] < foot)
        margin = HIDDEN_SHARE * (x2 - x1)
        for side, edge in enumerate((x1, x2)):
            free[i, side] = not (nearer & (others[:, 0] - margin < edge) & (edge < others[:, 2] + margin)).any()
    return free


def _length(seen: _Passing) -> tuple[float, float] | None:
    """Length and its uncertainty in metres, where the car is as wide as cars are and stands.

    Gauss and Newton's method over near end, length, inner side and width, reweighted by the pseudo-Huber function.
    """
    lines = np.stack([seen.outer, -np.ones(len(seen.way))], axis=1)
    met = seen.outer * seen.way - seen.aside
    near, side = np.linalg.lstsq(lines[seen.outer_free], met[seen.outer_free], rcond=None)[0]
    free = np.concatenate([seen.outer_free, seen.inner_free])
    found = np.array([max(near, seen.way[-1] + 2 * NEAREST_M), _LENGTH_M, max(side - _WIDTH_M, 0.5), _WIDTH_M])
    for _ in range(ROUNDS):
        off, slope = _edges_off(seen, found)
        weight = free / np.sqrt(1.0 + (off / DOUBT) ** 2)
        normal = (slope * weight[:, None]).T @ slope + np.diag([1e-6, 1e-2, 1e-4, WIDTH_STD**-2])
        pull = (slope * weight[:, None]).T @ off
        pull[3] -= (_WIDTH_M - found[3]) / WIDTH_STD**2
        found = found - np.linalg.solve(normal, pull).clip(-LONGEST_ROUND_M, LONGEST_ROUND_M)
    std = np.sqrt(np.diag(np.linalg.inv(normal)))
    fits = float(np.median(np.abs(off[free]))) < WORST_FIT and abs(found[3] - _WIDTH_M) < WORST_WIDTH_M
    likely = 0.0 < found[1] < 3 * LONGEST_M and found[2] < FARTHEST_ASIDE_M and std[1] < WORST_LENGTH_M
    return (float(found[1]), float(std[1])) if fits and likely else None


def _edges_off(seen: _Passing, found: Floats) -> tuple[Floats, Floats]:
    """(2 N,) how far the outer, then the inner edges are expected off, in errors; (2 N, 4) what that changes by."""
    near, length, side, width = found
    to_near, to_far = np.maximum(near - seen.way, NEAREST_M), np.maximum(near + length - seen.way, NEAREST_M)
    outer, inner = (side + width - seen.aside) / to_near, (side - seen.aside) / to_far
    none = np.zeros(len(seen.way))
    by_outer = np.stack([-outer / to_near, none, 1 / to_near, 1 / to_near], axis=1)
    by_inner = np.stack([-inner / to_far, -inner / to_far, 1 / to_far, none], axis=1)
    off = np.concatenate([outer - seen.outer, inner - seen.inner])
    error = np.concatenate([seen.error, seen.error])
    return off / error, np.concatenate([by_outer, by_inner]) / error[:, None]


def _likely(lengths: Floats, log_std: float) -> tuple[float, float]:
    """Factor of the focal length and its uncertainty as a logarithm, by cars' lengths (M, 2) with their uncertainties.

    Usual lengths scatter, an unknown share of things are no whole cars; the prior is that the guess is right to
    `log_std`.
    """
    log = np.linspace(-3 * log_std, 3 * log_std, 241)
    factor = np.exp(log)[:, None]
    std = np.hypot(_LENGTH_STD, factor * lengths[:, 1])
    off = (lengths[:, 0] * factor - (_LENGTH_M - ROUNDED_M)) / std
    usual = factor / std * np.exp(-0.5 * off**2) / np.sqrt(2 * np.pi)
    mixed = [np.log((1 - others) * usual + others / LONGEST_M).sum(axis=1) for others in OTHERS]
    chance = np.logaddexp.reduce(mixed) - 0.5 * (log / log_std) ** 2
    share = np.exp(chance - chance.max())
    mean = float(np.average(log, weights=share))
    return float(np.exp(mean)), float(np.sqrt(np.average((log - mean) ** 2, weights=share)))
