"""Whether a hard cut in a video splits what was seen before it from what was seen after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.log import ObservationLog

# The first frame that is looked at after a cut comes within this time of it; labels are good to a frame or two.
NEAR_S: Final = 0.35
LABEL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class CutScore:
    """Attributes:
    found, missed: times of the labelled ones.
    carried: tracks that go on over a labelled cut. elsewhere: cuts seen where none is labelled (fades, covered lenses).
    """

    found: tuple[float, ...]
    missed: tuple[float, ...]
    carried: int
    elsewhere: int


def score_cuts(cuts: tuple[float, ...], log: ObservationLog) -> CutScore:
    """`cuts`: container PTS of the first frame of each new scene."""
    seen = log.frames.time_s[log.frames.cut]
    near = [(seen >= cut - LABEL_S) & (seen <= cut + NEAR_S) for cut in cuts]
    carried = [(log.tracks.first_s < cut - LABEL_S) & (log.tracks.last_s > cut + LABEL_S) for cut in cuts]
    explained = np.any(near, axis=0) if near else np.zeros(len(seen), bool)
    return CutScore(
        tuple(cut for cut, each in zip(cuts, near, strict=True) if each.any()),
        tuple(cut for cut, each in zip(cuts, near, strict=True) if not each.any()),
        sum(int(each.sum()) for each in carried),
        int(np.count_nonzero(~explained)),
    )
