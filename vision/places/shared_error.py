"""What is wrong alike with the velocities of all things that a drive passes.

Where the horizon, the lens or the height of the camera are a little off, what stands seems to move along the way by a
share of the camera's own speed, and all of it by about the same. Most of what a patrol passes stands, so the share on
which many things agree is such an error, and no motion of theirs. What moves may agree, too, as a queue does: a few
things that agree on more than an error usually is are rather believed to move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vision.log import Floats
from vision.places.passing import Passing

LIKELY: Final = 0.1  # standard deviation of such shares, before anything is seen
SPREAD: Final = 0.05  # by which things differ beyond what is said of each: roads slope
STANDING: Final = 0.6  # share of things that stand
MOVING: Final = 1.2  # standard deviation of the speeds of others, over the camera's
SLOWEST_MPS: Final = 3.0
OVERLAP: Final = 2.0  # stretches show everything twice
SHARES: Final = np.linspace(-0.4, 0.4, 81)
SPEEDS: Final = np.linspace(-3.0, 3.0, 121)


def shared_error(things: Sequence[Sequence[Passing]]) -> float:
    """The likely share, a posterior mean; 0 where nothing is passed. `things`: all stretches of each."""
    told = [share for each in things if (share := _share(each)) is not None]
    if not told:
        return 0.0
    share, std = np.array(told).T
    stands = STANDING * _normal(share - SHARES[:, None], std)
    alone = (1 - STANDING) * _normal(share, np.hypot(std, MOVING))
    column = (1 - STANDING) * _normal(share - SPEEDS[:, None], std)
    apart = np.log(stands + alone).sum(axis=1)
    # Of all speeds that those which move may have in common, each as likely as that of one alone.
    common = np.array([np.log(each + column).sum(axis=1) for each in stands])
    weight = _normal(SPEEDS, np.array(MOVING)) * (SPEEDS[1] - SPEEDS[0]) / np.sqrt(2 * np.pi)
    most = max(float(apart.max()), float(common.max()))
    chance = np.exp(apart - most) + np.exp(common - most) @ weight
    chance *= np.exp(-0.5 * (SHARES / LIKELY) ** 2)
    return float((chance * SHARES).sum() / chance.sum())


def _share(stretches: Sequence[Passing]) -> tuple[float, float] | None:
    """Of the camera's speed that a thing seems to move on by, and its standard uncertainty."""
    fast = [each for each in stretches if each.ego_mps > SLOWEST_MPS]
    if not fast:
        return None
    ego = np.array([each.ego_mps for each in fast])
    along = np.array([each.velocity[0] for each in fast]) / ego
    weight = (np.array([each.deviation[0] for each in fast]) / ego) ** -2.0
    std = float(np.hypot(np.sqrt(OVERLAP / weight.sum()), SPREAD))
    return float(np.average(along, weights=weight)), std


def _normal(off: Floats, std: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / std) ** 2) / std)
