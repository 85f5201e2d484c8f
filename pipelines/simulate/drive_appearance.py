"""What detections in a simulated drive look like: each thing like itself, less so after a while, and never quite."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES
from pipelines.simulate.mesh import Floats
from vision.tables.world import APPEARANCE_SIZE

# Fitted by eye to what `python -m pipelines.simulate.drive_appearance_fit` printed for street-v7 on 30 November 2026.
# Vehicles are 0.34 from themselves in the median after 0.2 s (0.48 of boxes up to 12 px high, 0.40 to 20, 0.31 to 32,
# 0.27 to 56), 0.41 after 0.5 s, 0.49 after 1.1 s and 0.57 after 2.5 s, with a standard deviation of the logarithm of
# 0.44 to 0.34; two things are 0.92 with 0.22. Simulated: 0.35, 0.40, 0.49, 0.60 with 0.44 to 0.38; 0.95 with 0.26.
KINDS: Final = 10  # independent numbers in which things differ: so many spread the distances of two things by 0.23
BRIEF: Final = 0.15  # share of the variance between things that a look adds,
BRIEF_PX: Final = 2.6  # divided by the box's height in the picture given to the network: more of it
LASTING: Final = 1.1  # what changes of a thing as it turns and its light changes, for
LASTING_S: Final = 3.0  # and so much of it: chosen, as rendered drives end then; on KITTI things are as far apart later
UNEVEN: Final = 0.35  # standard deviation of the logarithms of these errors, from thing to thing and from look to look
ROUGH: Final = {"person": 1.2, "bicycle": 1.35, "motorcycle": 1.35}  # times so large are those of people and riders
_ROUGH: Final = np.array([ROUGH.get(name, 1.0) for name in STREET_CLASSES])
_CONTRAST: Final = 0.3  # of what differs against what all things have in common


class Appearances:
    """What things look like over a drive.

    Args:
        class_id: (T,) of the things in the world.
    """

    def __init__(self, class_id: NDArray[np.intp], rng: np.random.Generator) -> None:
        self._rng, things = rng, len(class_id)
        self._own = rng.standard_normal((things, KINDS))
        self._changed = rng.standard_normal((things, KINDS))
        self._uneven = _ROUGH[class_id, None] * np.exp(UNEVEN * rng.standard_normal((things, 1)))
        self._fancied: dict[int, Floats] = {}
        self._mixed = rng.standard_normal((KINDS, APPEARANCE_SIZE)) / np.sqrt(KINDS)
        self._time_s = 0.0

    def advance(self, time_s: float) -> None:
        """Things as they look at another time."""
        keep = float(np.exp(-abs(time_s - self._time_s) / LASTING_S))
        fresh = self._rng.standard_normal(self._changed.shape)
        self._changed = keep * self._changed + np.sqrt(1 - keep**2) * fresh
        self._time_s = time_s

    def described(
        self, thing: NDArray[np.intp], boxes: Floats, mask: NDArray[np.int32], small_px: Floats
    ) -> NDArray[np.float16]:
        """(N, APPEARANCE_SIZE) of unit length: of each box what shows in it, other things that hide a part included.

        Args:
            thing: (N,) what each box was found of, below 0: a fancy of that number. boxes: (N, 4) pixels of the mask.
            mask: (H, W) index + 1 of the thing that each pixel shows, 0: none.
            small_px: (N,) heights of the boxes in the picture given to the network.
        """
        now = self._own + np.sqrt(LASTING) * self._uneven * self._changed
        shown = [self._shown(index, box, mask, now) for index, box in zip(thing.tolist(), boxes, strict=True)]
        uneven, real = np.exp(UNEVEN * self._rng.standard_normal(len(thing))), thing >= 0
        uneven[real] *= self._uneven[thing[real], 0]
        brief = uneven * np.sqrt(BRIEF + BRIEF_PX / np.maximum(small_px, 1.0))
        noisy = np.reshape(shown, (-1, KINDS)) + brief[:, None] * self._rng.standard_normal((len(thing), KINDS))
        vectors = 1.0 + _CONTRAST * noisy @ self._mixed
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float16)

    def _shown(self, index: int, box: Floats, mask: NDArray[np.int32], now: Floats) -> Floats:
        if index < 0:
            return self._fancied.setdefault(index, self._rng.standard_normal(KINDS))
        left, top = np.floor(box[:2]).astype(int).clip(0)
        right, bottom = np.ceil(box[2:]).astype(int)
        pixels = np.bincount(mask[top:bottom, left:right].ravel(), minlength=len(now) + 1)[1:].astype(float)
        pixels[index] += 1.0
        return np.asarray(pixels @ now / pixels.sum())
