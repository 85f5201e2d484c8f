"""Where a video's clock and its content disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

PaceKind = Literal["frozen", "missing", "fast", "slow"]


@dataclass(frozen=True, slots=True)
class PaceTable:
    """(N,) stretches that are not to be believed, sorted by time.

    Attributes:
        kind: a `PaceKind`. "frozen": one picture over and over while the camera drove. "missing": no pictures.
            "fast", "slow": time-lapse, slow motion.
        first_s, last_s: log time.
        rate: seconds of the world per second of the log; NaN for "missing".
    """

    kind: NDArray[np.str_]
    first_s: NDArray[np.float64]
    last_s: NDArray[np.float64]
    rate: NDArray[np.float64]

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros(0, "<U7"), np.zeros(0), np.zeros(0), np.zeros(0))
