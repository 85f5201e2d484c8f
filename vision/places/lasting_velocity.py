"""The velocity along the way that all stretches of a passed thing tell together.

What moves slowly is hardly told from what stands by any stretch alone, but by all of them, which agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vision.places.passing import Passing

# Neighbouring stretches overlap and share the errors of looks; all of a thing share those of its height and of the way,
# which go with the camera's speed.
FORGOTTEN_S: Final = 1.0
OF_THING: Final = 0.1
USUAL_OFF: Final = 2.0  # standard deviations from the others from which a stretch is doubted: something hid a part
TINY: Final = 1e-3  # square metres per second squared: keeps what is the same twice solvable


def lasting_velocity(stretches: Sequence[Passing], error: float) -> tuple[float, float] | None:
    """Metres per second along the way, and their standard uncertainty; None of less than two stretches. Generalised
    least squares, in which a stretch that is far off the others counts less (Huber 1964).

    Args:
        stretches: of one thing. error: `shared_error`.
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
