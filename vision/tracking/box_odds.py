"""How much more likely a box shows a track than something else, by how surely each track is foreseen.

Of riders and people who move in line, one in front of the other, boxes overlap so much that each fits both tracks. What
tells them apart is how well each of the two is known: a track that was seen for long is foreseen to a few pixels.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vision.log import Floats
from vision.overlap import Boxes
from vision.tracking.foresight import Whereabouts
from vision.tracking.live_track import ahead

# Of a box's edges: pixels of a picture 640 wide, and shares of its sides.
EDGE_PX: Final = 0.9
EDGE_SHARE: Final = 0.04
# Degrees of freedom of Student's distribution of errors: one edge in eight is off by much more than the others
# (`pipelines.simulate.drive_noise`, measured).
TAILS: Final = 4.0
RESIZED: Final = 0.25  # variance by which sizes change, against that of places; chosen
# Logarithm of how rarely a box of something else lies within a box's side of any place, and is as large. Simulated
# drives 2000-2031 have a switch more or less with 5 and with 15.
ALONE: Final = 9.0


def box_odds(tracks: Whereabouts, gap_s: Floats, agility: Floats, foreseen: Boxes, boxes: Boxes, width: int) -> Floats:
    """(T, N) logarithms of the odds that boxes (N, 4) show tracks where these were foreseen, (T, 4); -inf where that is
    not known.

    Args:
        gap_s: (T,) seconds since tracks were last seen. agility: (T,) as in `Spread`. width: of the picture, pixels.
    """
    side = np.maximum(tracks.mean[:, 2:], 4.0)
    own = (ahead(tracks.covariance.T, gap_s, agility)[0] * side.prod(axis=1))[:, None]
    edge = np.hypot(EDGE_PX * width / 640, EDGE_SHARE * side)
    place, size = np.hypot(np.sqrt(own), edge / np.sqrt(2)), np.hypot(np.sqrt(RESIZED * own), edge * np.sqrt(2))
    off = np.asarray(boxes[None] - foreseen[:, None], float)
    middle, sides = np.asarray((off[..., :2] + off[..., 2:]) / 2), off[..., 2:] - off[..., :2]
    fit = np.add(_log_density(middle, place), _log_density(sides, size))
    odds = fit + 2 * np.log(side).sum(axis=1)[:, None] + ALONE
    return np.where(np.isnan(odds), -np.inf, odds)


def _log_density(off: Floats, deviation: Floats) -> Floats:
    """(T, N) of errors (T, N, 2) in two dimensions, each by Student's distribution; but for a constant."""
    deviation = deviation[:, None]
    each = (TAILS + 1) / 2 * np.log1p((off / deviation) ** 2 / TAILS) + np.log(deviation)
    return np.asarray(-each.sum(axis=-1))
