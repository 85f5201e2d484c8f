"""What the street network makes of exact boxes: which it misses, how far off the others are, and what it fancies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.taxonomy import CLASS_ID
from pipelines.simulate.mesh import Floats
from vision.look import Look
from vision.overlap import Boxes

# Fitted by eye to what `python -m pipelines.simulate.drive_noise_fit` printed for street-v6 on 29 November 2026: 720
# rendered pictures (5937 vehicles) and 88 photographs. Sizes in pixels of the picture given to the network, errors of
# edges as shares of the box's width and height. Robust spread of vehicles' edges, rendered: 0.08 of boxes 8-12 px high,
# 0.05 at 16-24, 0.023 at 32-48, 0.014 at 48-96, 0.01 above; photographs: 0.01-0.09 at 48-96, 0.01-0.05 above, the
# labels' own inaccuracy included. 8 % lie beyond three times that. An edge's error correlates with itself by 0.6 after
# 0.17 s, 0.5 after 0.33, 0.33 after 0.83, 0.15 after 2; being found by 0.61, 0.54, 0.40, 0.34.
EDGE_SHARE: Final = 0.02  # of large boxes
EDGE_PX: Final = 0.9  # more of it in small ones
GROSS: Final = 0.12  # share of edges that are off by
GROSS_TIMES: Final = 5.0  # times as much
LASTING: Final = 0.55  # share of the variance that goes on for
LASTING_S: Final = 2.0
# Found at the product's threshold, rendered, hidden ones included: 0.09 of 8-12 px, 0.34 at 12-16, 0.51 at 16-24, 0.65
# at 24-32, 0.78 at 32-48, 0.86 at 48-96; half of the rest at small sizes has a confidence of 0.1 and more.
SURE: Final = (0.77, 2.0, 5.0)  # log odds of the confidence: of a thing `USUAL_PX` high, per doubling, per share hidden
USUAL_PX: Final = 24.0
SURE_STD: Final = 1.6
SURE_MOST: Final = 2.5  # log odds above which size makes nothing surer
# Boxes on nothing per photograph: 1.0-1.3 from a confidence of 0.1, 0.2-0.4 from 0.38, up to 0.1 from 0.6.
FALSE_PER_LOOK: Final = 1.2
FALSE_SURE: Final = 0.17  # mean confidence above 0.1
FALSE_LASTS: Final = 2.0  # looks; chosen
LEAST: Final = 0.05  # the network reports nothing below


@dataclass(frozen=True, slots=True)
class Found:
    """Detections of one look, native pixels. `thing`: (N,) what each shows; below 0 a fancy of that number."""

    detections: Detections
    thing: NDArray[np.intp]


@dataclass(slots=True)
class _Fancy:
    number: int
    box: Floats
    confidence: float
    class_id: int


class SeenByNetwork:
    """The network's errors over a drive: they belong to things, and go on from look to look.

    Args:
        things: how many there are in the world.
    """

    def __init__(self, things: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._lasting = rng.standard_normal((things, 5))  # of the edges, and of the confidence
        self._time_s = 0.0
        self._fancies: list[_Fancy] = []
        self._fancied = 0

    def advance(self, time_s: float) -> None:
        """Errors as they are at another time."""
        keep = float(np.exp(-abs(time_s - self._time_s) / LASTING_S))
        self._lasting = keep * self._lasting + np.sqrt(1 - keep**2) * self._rng.standard_normal(self._lasting.shape)
        self._time_s = time_s

    def found(
        self,
        look: Look,
        thing: NDArray[np.intp],
        class_id: NDArray[np.intp],
        boxes: Floats,
        share: Floats,
        picture: tuple[int, int],
    ) -> Found:
        """What is found in one look.

        Args:
            thing, class_id: (N,) of what is visible; boxes: (N, 4) native pixels; share: (N,) not hidden.
            picture: width and height of the frame.
        """
        inside = _inside(boxes, look)
        rows = np.flatnonzero(inside[1])
        shown, index = inside[0][rows], thing[rows]
        side = np.tile(shown[:, 2:] - shown[:, :2], 2)
        small = side / np.tile(look.scale, 2)
        brief = self._rng.standard_normal((len(rows), 5))
        error = np.sqrt(LASTING) * self._lasting[index] + np.sqrt(1 - LASTING) * brief
        gross = np.where(self._rng.random((len(rows), 4)) < GROSS, GROSS_TIMES, 1.0)
        off = error[:, :4] * gross * np.hypot(EDGE_SHARE, EDGE_PX / small) * side
        at_edge = _at_edge(shown, look)
        found = shown + np.where(at_edge, 0.0, off)
        base, per_doubling, per_hidden = SURE
        odds = base + per_doubling * np.log2(np.maximum(small[:, 1], 1.0) / USUAL_PX)
        odds = np.minimum(odds, SURE_MOST) - per_hidden * (1.0 - share[rows]) + SURE_STD * error[:, 4]
        confidence = 1.0 / (1.0 + np.exp(-odds))
        keep = (confidence > LEAST) & (found[:, 2] > found[:, 0] + 1.0) & (found[:, 3] > found[:, 1] + 1.0)
        seen = Detections(
            _clipped(found, look)[keep].astype(np.float32),
            confidence[keep].astype(np.float32),
            class_id[rows][keep].astype(np.int16),
        )
        parts = [Found(seen, index[keep])] + ([self._fancies_now(picture)] if look.kind == "wide" else [])
        return Found(
            Detections.concatenate([part.detections for part in parts]), np.concatenate([part.thing for part in parts])
        )

    def _fancies_now(self, picture: tuple[int, int]) -> Found:
        """Boxes on nothing: signs, bins and shadows, mostly near the horizon, for a look or a few."""
        self._fancies = [each for each in self._fancies if self._rng.random() > 1 / FALSE_LASTS]
        for _ in range(self._rng.poisson(FALSE_PER_LOOK / FALSE_LASTS)):
            self._fancies.append(self._fancy(picture))
        if not self._fancies:
            return Found(Detections.empty(), np.zeros(0, np.intp))
        boxes = np.array([each.box for each in self._fancies])
        boxes += self._rng.normal(0, 0.04, boxes.shape) * np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        detections = Detections(
            boxes.astype(np.float32),
            np.array([each.confidence for each in self._fancies], np.float32),
            np.array([each.class_id for each in self._fancies], np.int16),
        )
        return Found(detections, np.array([-each.number for each in self._fancies], np.intp))

    def _fancy(self, picture: tuple[int, int]) -> _Fancy:
        width, height = picture
        high = width / 640 * float(self._rng.uniform(8, 50))
        wide = high * float(self._rng.uniform(0.4, 1.6))
        x, foot = self._rng.uniform(0, width - wide), height * self._rng.uniform(0.45, 0.65)
        confidence = min(0.1 + float(self._rng.exponential(FALSE_SURE)), 0.9)
        kind = CLASS_ID[("car", "truck", "person", "motorcycle")[int(self._rng.integers(4))]]
        self._fancied += 1
        return _Fancy(self._fancied, np.array([x, foot - high, x + wide, foot]), confidence, kind)


def _inside(boxes: Floats, look: Look) -> tuple[Floats, Floats]:
    """(N, 4) the parts of boxes inside a look's window, and (N,) which leave enough of them there."""
    clipped = _clipped(boxes, look)
    part, full = (np.maximum(each[:, 2:] - each[:, :2], 0.0).prod(axis=1) for each in (clipped, boxes))
    small = (clipped[:, 3] - clipped[:, 1]) / look.scale[1]
    return clipped, np.asarray((part > 0.3 * full) & (small > 4.0))


def _clipped(boxes: Floats, look: Look) -> Floats:
    x1, y1, x2, y2 = look.window
    return np.stack([boxes[:, k].clip(low, high) for k, (low, high) in enumerate(((x1, x2), (y1, y2)) * 2)], axis=1)


def _at_edge(boxes: Boxes | Floats, look: Look) -> Floats:
    """(N, 4) edges that are the window's."""
    return np.asarray(np.abs(boxes - np.array(look.window)) < 1.0)
