"""How long, wide and high tracked things are, from their boxes at known range and viewing angle.

A box's height and the road row of its foot give the height. Its width, turned into metres at the thing's range, is
`length * |sin| + width * |cos|` of the angle between the line of sight and the thing's axis (a rectangle seen from
afar): linear in length and width, so these have a Gaussian posterior (Bishop, "Pattern Recognition and Machine
Learning", 2006, section 3.3) for each axis. The result is the mixture over axes by their evidence: all that may be
where the thing stands, mostly those near its heading where it moves. Typical sizes come in as the prior, and stay where
little can be measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import Floats
from vision.sizes import TypicalSize

SCALE_ERROR: Final = 0.1  # relative error of distances on the ground, the same for all sightings of a thing
EDGE_ERROR: Final = 0.06  # of a box's side: where a detector puts its edges
EDGE_PX: Final = 2.0
MOST_SIGHTINGS: Final = 12  # the nearest ones; more tell no more, as their errors are alike
AXES: Final = np.linspace(-np.pi / 2, np.pi / 2, 18, endpoint=False)  # how a thing may lie against what is thought
WRONG_AXIS: Final = 0.1  # how often a heading is wrong altogether: a track that went over to another thing


@dataclass(frozen=True, slots=True)
class Profile:
    """A thing's sightings that lie whole in the picture.

    Attributes:
        wide_m, high_m: (N,) its box's sides at the range of its foot, metres. pixels: (N, 2) the same in pixels.
        range_m: (N,) from the camera to the foot.
        angle: (N,) from the line of sight to its axis, radians. axis_std: standard uncertainty of the axis, the same
            for all; infinite where nothing is known of it.
    """

    wide_m: Floats
    high_m: Floats
    pixels: Floats
    range_m: Floats
    angle: Floats
    axis_std: float


@dataclass(frozen=True, slots=True)
class Extent:
    """(3,) length, width, height in metres, and their standard uncertainties."""

    size: Floats
    std: Floats


def extent_of(seen: Profile, typical: TypicalSize) -> Extent:
    """Size of one thing. Without sightings, what is typical."""
    if not len(seen.range_m):
        return Extent(np.array(typical.mean), np.array(typical.std))
    near = np.argsort(seen.range_m, kind="stable")[:MOST_SIGHTINGS]
    seen = Profile(
        seen.wide_m[near], seen.high_m[near], seen.pixels[near], seen.range_m[near], seen.angle[near], seen.axis_std
    )
    plan, plan_std = _plan(seen, typical)
    height, height_std = _height(seen, typical)
    return Extent(np.append(plan, height), np.append(plan_std, height_std))


def _plan(seen: Profile, typical: TypicalSize) -> tuple[Floats, Floats]:
    """(2,) length and width, and their uncertainties."""
    mean, prior = np.array(typical.mean[:2]), np.diag(np.square(typical.std[:2]))
    angle = seen.angle[None, :] + AXES[:, None]
    sides = np.abs(np.stack([np.sin(angle), np.cos(angle)], axis=2))
    # The box shows the thing at its foot's range; the middle of what its sides span is farther by half its depth.
    depth = np.abs(np.stack([np.cos(angle), np.sin(angle)], axis=2)) @ mean / 2
    wide = seen.wide_m * (1 + depth / seen.range_m)
    noise = _noise(wide, seen.pixels[:, 0])
    off = (wide - sides @ mean)[:, :, None]
    lever = prior @ sides.transpose(0, 2, 1)
    spread = sides @ lever + noise
    gain = np.linalg.solve(spread, lever.transpose(0, 2, 1)).transpose(0, 2, 1)
    means = mean + (gain @ off)[:, :, 0]
    covariances = prior - gain @ lever.transpose(0, 2, 1)
    misfit = (off.transpose(0, 2, 1) @ np.linalg.solve(spread, off))[:, 0, 0]
    evidence = -0.5 * (misfit + np.linalg.slogdet(spread)[1])
    share = np.exp(evidence - evidence.max()) * _axis_prior(seen.axis_std)
    return _mixture(share / share.sum(), means, covariances)


def _axis_prior(std: float) -> Floats:
    """(A,) how likely each of `AXES` is."""
    near = np.exp(-0.5 * (AXES / np.hypot(std, AXES[1] - AXES[0])) ** 2)
    return np.asarray((1 - WRONG_AXIS) * near / near.sum() + WRONG_AXIS / len(AXES))


def _noise(sides_m: Floats, pixels: Floats) -> Floats:
    """(..., N, N) covariance of sides (..., N): each for itself, and all together by the scale."""
    own = sides_m * np.hypot(EDGE_ERROR, EDGE_PX / pixels)
    shared = SCALE_ERROR * sides_m
    return np.asarray(own[..., None] ** 2 * np.eye(len(pixels)) + shared[..., :, None] * shared[..., None, :])


def _mixture(share: Floats, means: Floats, covariances: Floats) -> tuple[Floats, Floats]:
    mean = share @ means
    variance = share @ (np.diagonal(covariances, axis1=1, axis2=2) + (means - mean) ** 2)
    return mean, np.sqrt(variance)


def _height(seen: Profile, typical: TypicalSize) -> tuple[float, float]:
    mean, prior = typical.mean[2], typical.std[2] ** 2
    spread = prior + _noise(seen.high_m, seen.pixels[:, 1])
    gain = prior * np.linalg.solve(spread, np.ones(len(seen.high_m)))
    return float(mean + gain @ (seen.high_m - mean)), float(np.sqrt(prior - prior * gain.sum()))
