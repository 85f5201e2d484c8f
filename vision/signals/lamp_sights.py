"""What every single look says of the signal heads it shows: the evidence that is voted over time.

The tracker keeps one detection of a head per frame. But where a lamp is dim the small picture shows a dark head and
the close one a red one, so all looks are to be heard, each with all states that it took for possible
(one alone where the lamp's colour is plain, `vision.signals.lamps`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.lamp_state.heads import merged_heads
from models.taxonomy import LIGHTS, class_ids
from vision.log import Floats
from vision.overlap import Boxes, cover, iou, paired_iou
from vision.signals.lamp_model import RED_YELLOW, STATES, STEADY
from vision.tracking.scans import TOO_WEAK_LIGHT, cut_by_window
from vision.tracking.sightings import Sightings
from vision.watch import Glance

LIGHT_IDS: Final = class_ids(LIGHTS)
EVIDENCE_OF: Final = [STATES.index(state) for state in ("red", "yellow", "green", "off")]
SAME_IOU: Final = 0.5
SAME_COVER: Final = 0.8
NATIVE: Final = 1.01  # frame pixels per picture pixel up to which nothing of the video's resolution is lost


@dataclass(frozen=True, slots=True)
class LampSights:
    """Signal heads as single looks show them, in order of frames.

    Attributes:
        frame: (N,) int32, row of the frames that were looked at.
        boxes: (N, 4) float32, native pixels.
        evidence: (N, 4) float32, highest confidence of red, yellow, green and off in this look.
        look: (N,) kind of the look, as in the log.
        native: (N,) the look's picture had at least the video's resolution.
    """

    frame: NDArray[np.int32]
    boxes: Boxes
    evidence: NDArray[np.float32]
    look: NDArray[np.str_]
    native: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> LampSights:
        return LampSights(*(getattr(self, spec.name)[rows] for spec in fields(self)))

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(N,) that there is a head at all, whatever it shows."""
        return np.asarray(self.evidence.max(axis=1, initial=0.0), np.float32)

    @property
    def share(self) -> Floats:
        """(N, 5) of the evidence, of the steady states of `lamp_model.STATES`. A look torn between red and yellow may
        well see both.
        """
        steady = np.zeros((len(self), STEADY))
        steady[:, EVIDENCE_OF] = self.evidence / np.maximum(self.evidence.sum(axis=1, keepdims=True), 1e-9)
        torn = steady[:, :2].min(axis=1)
        steady[:, :2] -= torn[:, None]
        steady[:, RED_YELLOW] = 2 * torn
        return steady

    def in_frame(self, frame: int) -> NDArray[np.intp]:
        """Rows of one frame."""
        first, last = np.searchsorted(self.frame, [frame, frame + 1])
        return np.arange(first, last)


def lamp_sights(glances: Sequence[Glance], width: int, height: int) -> LampSights:
    """All sights of whole heads in a picture of `width` x `height` native pixels."""
    parts = [_sights(glance, width, height) for glance in sorted(glances, key=lambda each: each.frame)]
    parts = [part for part in parts if len(part)] or [_no_sights()]
    return LampSights(*(np.concatenate([getattr(part, spec.name) for part in parts]) for spec in fields(LampSights)))


def _sights(glance: Glance, width: int, height: int) -> LampSights:
    look, found = glance.look, glance.found.of(LIGHT_IDS)
    # The lit lamp of a head that the window cuts may lie beyond it.
    whole = ~cut_by_window(found.boxes, look, width, height)
    heads = merged_heads(found[whole & (found.confidence >= TOO_WEAK_LIGHT)])
    size, boxes = len(heads.boxes), heads.boxes.reshape(-1, 4).astype(np.float32)
    return LampSights(
        np.full(size, glance.frame, np.int32),
        boxes,
        heads.evidence,
        np.full(size, look.logged, "<U5"),
        np.full(size, look.scale[1] <= NATIVE),
    )


def _no_sights() -> LampSights:
    return LampSights(
        np.zeros(0, np.int32), np.zeros((0, 4), np.float32), np.zeros((0, len(EVIDENCE_OF)), np.float32),
        np.zeros(0, "<U5"), np.zeros(0, bool),
    )  # fmt: skip


def same_head(first: Boxes, second: Boxes) -> NDArray[np.bool_]:
    """(N, M) whether boxes of one frame are of one head."""
    return np.asarray((iou(first, second) >= SAME_IOU) | (cover(first, second) >= SAME_COVER))


def looks_at(one: Sightings, sights: LampSights) -> LampSights:
    """All sights of a tracked head in the frames that show it."""
    first, last = np.searchsorted(sights.frame, [one.frame, one.frame + 1])
    mine = np.repeat(np.arange(len(one.frame)), last - first)
    rows = np.arange(len(mine)) - np.repeat(np.cumsum(last - first) - (last - first), last - first) + first[mine]
    return sights[np.unique(rows[paired_iou(one.boxes[mine], sights.boxes[rows]) >= SAME_IOU])]
