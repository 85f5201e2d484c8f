"""What is wrong alike with the velocities of all things that a drive passes.

Where the horizon, the lens or the focal length are a little off, what stands seems to move along the way by a share of
the camera's own speed, and all of it by about the same. Most of what a patrol passes stands, so the share on which many
things agree is such an error, and no motion of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import Floats

LIKELY: Final = 0.1  # standard deviation of such shares, before anything is seen
SPREAD: Final = 0.05  # by which things differ beyond what is said of each: roads slope
STANDING: Final = 0.6  # share of things that stand
MOVING: Final = 1.2  # standard deviation of the speeds of others, over the camera's
SLOWEST_MPS: Final = 3.0
OVERLAP: Final = 2.0  # windows show everything twice
SHARES: Final = np.linspace(-0.4, 0.4, 81)


@dataclass(frozen=True, slots=True)
class Passing:
    """One look-by-look stretch of a thing that a driving camera passes: (2,) metres per second along and across the
    way and their standard uncertainties, and the camera's own speed.
    """

    velocity: Floats
    deviation: Floats
    ego_mps: float

    def without(self, share: float) -> Floats:
        """(2,) the velocity without this share of the camera's speed along the way."""
        along, across = self.velocity
        return np.array([along - share * self.ego_mps, across])


def shared_error(things: Sequence[Sequence[Passing]]) -> float:
    """The likely share, a posterior mean; 0 where nothing is passed. `things`: all stretches of each."""
    chance = -0.5 * (SHARES / LIKELY) ** 2
    for stretches in things:
        fast = [each for each in stretches if each.ego_mps > SLOWEST_MPS]
        if not fast:
            continue
        ego = np.array([each.ego_mps for each in fast])
        along = np.array([each.velocity[0] for each in fast]) / ego
        weight = (np.array([each.deviation[0] for each in fast]) / ego) ** -2.0
        share = float(np.average(along, weights=weight))
        std = float(np.hypot(np.sqrt(OVERLAP / weight.sum()), SPREAD))
        moves = _normal(np.array(share), float(np.hypot(std, MOVING)))
        chance += np.log(STANDING * _normal(share - SHARES, std) + (1 - STANDING) * moves)
    likely = np.exp(chance - chance.max())
    return float((likely * SHARES).sum() / likely.sum())


def _normal(off: Floats, std: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / std) ** 2) / std)
