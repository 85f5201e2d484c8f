"""Tracks that are another thing's: a signal head that the network now and then takes for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.overlap import Boxes, paired_iou
from vision.tracking.sightings import LIGHT, PERSON, Sightings

SAME_IOU: Final = 0.6
BRIDGED_S: Final = 3.0  # a head that is called a person is not seen as a head meanwhile
# A person must never be taken for a head, as persons are blurred: so the head must be much the better known.
TIMES_SEEN: Final = 2


def without_mistaken_heads(tracks: Sequence[Sightings], frame_s: Floats) -> list[Sightings]:
    """The tracks without persons that lie on a signal head seen more than twice as often, most of their time."""
    heads = [one for one in tracks if one.group == LIGHT]
    return [one for one in tracks if one.group != PERSON or not any(_is_head(one, head, frame_s) for head in heads)]


def _is_head(person: Sightings, head: Sightings, frame_s: Floats) -> bool:
    if len(head.frame) <= TIMES_SEEN * len(person.frame):
        return False
    at = frame_s[person.frame]
    boxes, known = _where(head, frame_s, at)
    return bool(2 * np.sum(known & (paired_iou(person.boxes, boxes) > SAME_IOU)) > len(at))


def _where(head: Sightings, frame_s: Floats, at: Floats) -> tuple[Boxes, NDArray[np.bool_]]:
    """(N, 4) boxes of a head at times, between its sightings, and where these are near enough to tell."""
    times, first = np.unique(frame_s[head.frame], return_index=True)
    seen = head.boxes[first]
    boxes = np.stack([np.interp(at, times, seen[:, side]) for side in range(4)], axis=1)
    after = np.searchsorted(times, at).clip(0, len(times) - 1)
    before = (np.searchsorted(times, at, side="right") - 1).clip(0)
    far = np.maximum(np.abs(times[after] - at), np.abs(at - times[before]))
    return boxes.astype(np.float32), np.asarray(far <= BRIDGED_S)
