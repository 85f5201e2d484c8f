"""What stretches of what a drive passes tell together: those of all things what is wrong alike with them, those of one
thing how it goes on.

Where the horizon, the lens or the focal length are a little off, what stands seems to move along the way by a share of
the camera's own speed, and all of it by about the same. Most of what a patrol passes stands, so the share on which many
things agree is such an error, and no motion of theirs. What moves slowly is hardly told from what stands by any stretch
alone, but by all of them, which agree.
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
TINY: Final = 1e-3  # square metres per second squared: keeps what is the same twice solvable
SHARES: Final = np.linspace(-0.4, 0.4, 81)


# Of velocities that all stretches of a thing tell: neighbouring ones overlap and share the errors of looks, and all of
# them share those of the thing's height and of the way, which go with the camera's speed.
FORGOTTEN_S: Final = 1.0
OF_THING: Final = 0.1
USUAL_OFF: Final = 2.0  # standard deviations from the others from which a stretch is doubted: something hid a part


@dataclass(frozen=True, slots=True)
class Passing:
    """One stretch of a thing that a driving camera passes.

    Attributes:
        time_s: its middle.
        velocity, deviation: (2,) metres per second along and across the way, and their standard uncertainties.
        ego_mps: the camera's own speed.
    """

    time_s: float
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


def lasting_velocity(stretches: Sequence[Passing], error: float) -> tuple[float, float] | None:
    """Metres per second along the way by all stretches of one thing, and their standard uncertainty; None of less than
    two. Generalised least squares, in which a stretch that is far off the others counts less (Huber 1964).

    Args:
        error: `shared_error`.
    """
    if len(stretches) < 2:
        return None
    times, ego = (np.array([getattr(each, name) for each in stretches]) for name in ("time_s", "ego_mps"))
    along = np.array([each.without(error)[0] for each in stretches])
    deviation = np.array([each.deviation[0] for each in stretches])
    alike = np.exp(-np.abs(times[:, None] - times[None, :]) / FORGOTTEN_S)
    doubt = np.maximum(1.0, np.abs(along - np.median(along)) / (USUAL_OFF * deviation))
    covariance = np.outer(deviation, deviation) * alike + OF_THING**2 * np.outer(ego, ego)
    covariance += np.diag(deviation**2 * (doubt**2 - 1.0) + TINY)
    weight = np.linalg.solve(covariance, np.ones(len(times)))
    return float(weight @ along / weight.sum()), float(weight.sum() ** -0.5)


def _normal(off: Floats, std: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / std) ** 2) / std)
