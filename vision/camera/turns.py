"""How wide a lens looks and how it bends lines, from what turning does to the picture.

While a camera turns, far things at the sides of a pinhole's picture move faster than those in its middle, by
1 + (x / focal length)^2; a fisheye moves them all alike. How they move up and down towards the corners tells the rest.
Driving moves points as well, along rays away from where it heads, so only their motion across those rays counts (the
differential epipolar constraint; Ma, Kosecka & Sastry, "Linear differential algorithm for motion recovery", IJCV 2000).
Focal length and bend are shared by all steps, turning and heading are each step's own and are eliminated from the
normal equations (Schur complement; Triggs et al., "Bundle adjustment", 2000).

`bend` is one number for all lenses: a ray at angle a from the axis is shown at focal length * tan(k a) / k, with
k^2 = bend: 1 a pinhole, 1/4 stereographic, 0 equidistant, below 0 (tan becomes tanh) near equal-area.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.lens import Lens
from vision.log import Floats
from vision.motion.flow import FlowStep

LEAST_TURN_RAD: Final = 0.0175  # a degree per step: less is lost in what driving does
FEWEST_STEPS: Final = 10
MOST_STEPS: Final = 30
FEWEST_POINTS: Final = 40
CORNER_SHARE: Final = 0.25 / 640  # of the width: how exactly corners are followed
RELIC_SHARE: Final = 0.00025  # of the width: what moves less is on the windscreen
ROUNDS: Final = 15
LONGEST_ROUND: Final = 0.7  # standard deviations of what was likely
# What is likely: dashcams are between equidistant and stereographic, phones and rectified pictures are pinholes.
BEND, BEND_STD = 0.5, 0.4
HEADING_STD: Final = 0.1  # radians; in turns a camera before the rear axle heads somewhat outward
LOWEST_BEND: Final = -0.5  # orthographic: no lens bends more, something else moves
AXIS_STD: Final = 0.007  # of the width: where the axis is, off the middle of the picture
# What simulated bends of 1 to 3 degrees a step leave, mostly too short (seeds 2000-2015: 0.78 to 1.01 of the true focal
# length); and a real lens is no member of a family of one parameter.
MODEL_STD: Final = 0.15
WORST_STD: Final = 0.12
WORST_BEND_STD: Final = 0.15
PINHOLE_WITHIN: Final = 0.15  # of 1: pictures that were rectified, or lenses that need no correction
TINY: Final = 1e-4
IS_BEND: Final = np.array([False, True, False, False])  # of what is shared


@dataclass(frozen=True, slots=True)
class LensEstimate:
    """`focal_log_std`: uncertainty of the focal length, as a logarithm. `bend`: as the module has it, exactly 1 for a
    pinhole. `steps`: of turning that it rests on. `roll_rad`: how far the horizon falls towards the right.
    """

    focal_px: float
    focal_log_std: float
    bend: float
    bend_std: float
    steps: int
    roll_rad: float
    roll_std: float

    def lens(self, centre_y: float) -> Lens | None:
        """With its axis at this row; None where a pinhole does."""
        if self.bend == 1.0:
            return None
        # tan(k a) / k as the powers of a that Kannala & Brandt count.
        b = self.bend
        return Lens("fisheye", (b / 3, 2 * b**2 / 15, 17 * b**3 / 315, 62 * b**4 / 2835), centre_y)


@dataclass(frozen=True, slots=True)
class _Turns:
    """(S, N, 2) native pixels from the optical axis; `known`: (S, N) which are points at all. `noise`: pixels."""

    before: Floats
    after: Floats
    known: NDArray[np.bool_]
    noise: float


@dataclass(frozen=True, slots=True)
class _Guess:
    """`shared`: logarithm of the focal length, bend, axis off the middle in pixels (column, row). `turn`: (S, 3) about
    the axes right, down, ahead, radians. `heading`: (S, 2) tangents.
    """

    shared: Floats
    turn: Floats
    heading: Floats


def lens_from_turns(
    steps: Sequence[FlowStep], size: tuple[int, int], likely: tuple[float, float]
) -> LensEstimate | None:
    """The lens by steps in which the camera turns; None where they do not tell.

    Args:
        steps: such as `turning` chooses. size: width, height of the picture, about whose middle the axis is.
        likely: focal length in pixels, and its uncertainty as a logarithm.
    """
    if len(steps) < FEWEST_STEPS:
        return None
    turns = _gathered(steps, size)
    off_axis = AXIS_STD * size[0]
    start, start_std = np.array([np.log(likely[0]), BEND, 0, 0]), np.array([likely[1], BEND_STD, off_axis, off_axis])
    nothing = _Guess(start, np.zeros((len(steps), 3)), np.zeros((len(steps), 2)))
    guess, std = _solved(turns, nothing, start, start_std)
    bend, bend_std = float(guess.shared[1]), float(std[1])
    if bend_std > WORST_BEND_STD or bend < LOWEST_BEND:
        return None
    if abs(bend - 1.0) < PINHOLE_WITHIN:
        # From there, as another length may explain the turns nearly as well.
        bend, start, start_std[1] = 1.0, np.where(IS_BEND, 1.0, start), TINY
        guess, std = _solved(turns, replace(guess, shared=np.where(IS_BEND, 1.0, guess.shared)), start, start_std)
    if std[0] > WORST_STD:
        return None
    focal = float(np.exp(guess.shared[0]))
    return LensEstimate(focal, float(np.hypot(std[0], MODEL_STD)), bend, bend_std, len(steps), *_roll(guess.turn))


def turning(steps: Iterable[FlowStep], yaw_rad: Floats) -> list[FlowStep]:
    """The steps that turn most, `yaw_rad` (S,) by a rough guess of the optics, in order of time."""
    most = np.argsort(-np.abs(yaw_rad), kind="stable")[:MOST_STEPS]
    chosen = set(most[np.abs(yaw_rad[most]) >= LEAST_TURN_RAD].tolist())
    return [step for row, step in enumerate(steps) if row in chosen and len(step.before) >= FEWEST_POINTS]


def _gathered(steps: Sequence[FlowStep], size: tuple[int, int]) -> _Turns:
    most = max(len(step.before) for step in steps)
    before, after = np.zeros((2, len(steps), most, 2))
    known = np.zeros((len(steps), most), bool)
    for row, step in enumerate(steps):
        count = len(step.before)
        before[row, :count], after[row, :count] = step.before, step.after
        known[row, :count] = np.hypot(*(step.after - step.before).T) > RELIC_SHARE * size[0]
    middle = np.array(size) / 2
    return _Turns(before - middle, after - middle, known, CORNER_SHARE * size[0])


def _roll(turn: Floats) -> tuple[float, float]:
    """How the camera is rolled against the vertical about which it turns, and the uncertainty of that; radians."""
    right, down = turn[:, 0], turn[:, 1]
    power = float((down**2).sum())
    slope = float((right * down).sum()) / power
    return -slope, float(np.sqrt(((right - slope * down) ** 2).sum() / (len(turn) - 1) / power))


def _solved(turns: _Turns, guess: _Guess, likely: Floats, likely_std: Floats) -> tuple[_Guess, Floats]:
    """What explains all steps best, from a first guess on, and the standard uncertainties of what they share."""
    covariance = np.diag(likely_std**2)
    for _ in range(ROUNDS):
        guess, covariance = _improved(turns, guess, likely, likely_std)
    return guess, np.sqrt(np.diag(covariance))


def _improved(turns: _Turns, guess: _Guess, likely: Floats, likely_std: Floats) -> tuple[_Guess, Floats]:
    """One round of Gauss-Newton, reweighted by the Cauchy function, and the covariance of what is shared."""
    off, own, shared = _linearised(turns, guess)
    noise = max(turns.noise, 1.4826 * float(np.median(np.abs(off[turns.known]))))
    weight = turns.known / (1.0 + (off / (2.0 * noise)) ** 2) / noise**2
    own_prior = np.diag([TINY, TINY, TINY, HEADING_STD**-2, HEADING_STD**-2])
    inverse = np.linalg.inv(np.einsum("snp,sn,snq->spq", own, weight, own) + own_prior)
    mixed = np.einsum("snp,sn,snq->spq", own, weight, shared)
    own_pull = np.einsum("snp,sn,sn->sp", own, weight, off)
    own_pull[:, 3:] += guess.heading / HEADING_STD**2
    pull = np.einsum("snp,sn,sn->p", shared, weight, off) + (guess.shared - likely) / likely_std**2
    normal = np.einsum("snp,sn,snq->pq", shared, weight, shared) + np.diag(likely_std**-2)
    eliminated = np.einsum("spq,spr->sqr", mixed, inverse)
    covariance = np.linalg.inv(normal - np.einsum("sqr,srt->qt", eliminated, mixed))
    change = -covariance @ (pull - np.einsum("sqr,sr->q", eliminated, own_pull))
    change = np.clip(change, -LONGEST_ROUND * likely_std, LONGEST_ROUND * likely_std)
    own_change = -np.einsum("spr,sr->sp", inverse, own_pull + mixed @ change)
    heading = np.clip(guess.heading + own_change[:, 3:], -0.5, 0.5)
    return _Guess(guess.shared + change, guess.turn + own_change[:, :3], heading), covariance


def _linearised(turns: _Turns, guess: _Guess) -> tuple[Floats, Floats, Floats]:
    """(S, N) pixels across the rays that turning does not explain, and what they change by: (S, N, 5) with each step's
    turning and heading, (S, N, 4) with what is shared.
    """
    off, by_turn = _across(turns, guess)
    by_heading = [_across(turns, replace(guess, heading=guess.heading + TINY * axis))[0] for axis in np.eye(2)]
    by_shared = [_across(turns, replace(guess, shared=guess.shared + TINY * axis))[0] for axis in np.eye(4)]
    changes = (np.stack([(moved - off) / TINY for moved in each], axis=2) for each in (by_heading, by_shared))
    heading, shared = changes
    return off, np.concatenate([by_turn, heading], axis=2), shared


def _across(turns: _Turns, guess: _Guess) -> tuple[Floats, Floats]:
    """(S, N) motion across the rays away from the heading without turning's part, pixels; (S, N, 3) by turning."""
    focal, bend, axis = float(np.exp(guess.shared[0])), float(guess.shared[1]), guess.shared[2:]
    moved = _rays(turns.after - axis, focal, bend)[0] - _rays(turns.before - axis, focal, bend)[0]
    ray, pixels = _rays((turns.before + turns.after) / 2 - axis, focal, bend)
    heading = np.concatenate([guess.heading, np.ones((len(guess.heading), 1))], axis=1)
    normal = np.cross(heading[:, None], ray)
    normal *= (pixels / np.maximum(np.linalg.norm(normal, axis=2), 1e-6))[..., None]
    by_turn = np.cross(normal, ray)
    return (moved * normal).sum(axis=2) + np.einsum("snp,sp->sn", by_turn, guess.turn), by_turn


def _rays(points: Floats, focal: float, bend: float) -> tuple[Floats, Floats]:
    """(..., 3) unit vectors right, down, ahead, and (...) pixels per radian across the direction from the axis."""
    pixels = np.hypot(points[..., 0], points[..., 1])
    k = np.sqrt(abs(bend))
    radius = pixels / focal
    if k < TINY:
        angle = radius
    elif bend > 0:
        angle = np.arctan(k * radius) / k
    else:
        angle = np.arctanh(np.minimum(k * radius, 0.999)) / k
    angle = np.clip(angle, 1e-9, 1.5)
    per_pixel = np.sin(angle) / np.maximum(pixels, 1e-9)
    rays = np.concatenate([points * per_pixel[..., None], np.cos(angle)[..., None]], axis=-1)
    return rays, 1.0 / per_pixel
