"""How surely something is there that many looks agree on."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PLAIN_VIEWS: Final = 3  # of so many looks the mean confidence is taken as it is; more raise it, fewer lower it
MOST_VIEWS: Final = 30  # further ones add nothing: a wall lamp taken for a signal stays one for a whole watch


def agreed(confidence: NDArray[np.floating]) -> float:
    """Belief, 0..1, in a thing that was seen with these confidences, 0..1, (N,); 0 for none.

    Looks that agree make a weak detection strong, but not as independent witnesses would (their doubts multiplied):
    what misled the network once tends to mislead it again. So belief grows with the square root of their number,
    as the precision of a mean does: log belief = log mean confidence * sqrt(PLAIN_VIEWS / N), N at most MOST_VIEWS.
    A ranking for reviewers, not a calibrated probability.
    """
    if not len(confidence):
        return 0.0
    views = min(len(confidence), MOST_VIEWS)
    return float(np.mean(confidence, dtype=float) ** np.sqrt(PLAIN_VIEWS / views))
