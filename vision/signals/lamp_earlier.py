"""Sightings of a signal head from before it was surely seen.

The tracker goes forward: a head must be sure once to be followed, and from then on weak sightings of it count. But it
hung there before, too. A yellow that was too weak to start a track is known as that head's once the red is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.lamp_state.window import STATE_CLASS
from vision.signals.lamp_sights import LampSights, same_head
from vision.tracking.foresight import Scenery, alike
from vision.tracking.sightings import LIGHT, Sightings
from vision.tracking.tracker import TrackingSettings

HEAD: Final = np.array([LIGHT])


def with_earlier_sights(
    tracks: Sequence[Sightings], sights: LampSights, scenery: Scenery, settings: TrackingSettings
) -> list[Sightings]:
    """The tracks, in the same order, those of heads lengthened backwards; what belongs to a track already stays."""
    free = _free(tracks, sights)
    longer = list(tracks)
    heads = [row for row, one in enumerate(tracks) if one.group == LIGHT]
    for row in sorted(heads, key=lambda row: int(tracks[row].frame[0])):
        rows = _earlier(tracks[row], sights, free, scenery, settings)
        longer[row] = _lengthened(tracks[row], sights, rows)
    return longer


def _free(tracks: Sequence[Sightings], sights: LampSights) -> NDArray[np.bool_]:
    """Sights that lie on no head that was tracked in their frame."""
    heads = [one for one in tracks if one.group == LIGHT]
    frame = np.concatenate([np.zeros(0, np.int32), *(one.frame for one in heads)])
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(one.boxes for one in heads)])
    free = np.ones(len(sights), bool)
    for each in np.intersect1d(frame, sights.frame).tolist():
        rows = sights.in_frame(each)
        free[rows] = ~same_head(sights.boxes[rows], boxes[frame == each]).any(axis=1)
    return free


def _earlier(
    one: Sightings, sights: LampSights, free: NDArray[np.bool_], scenery: Scenery, settings: TrackingSettings
) -> list[int]:
    """Rows of the sights that lead back from the track's begin, one per frame, the latest first; `free` is updated."""
    found: list[int] = []
    frame, box = int(one.frame[0]), one.boxes[0]
    for before in _frames_back(sights, free, frame, scenery):
        gap = float(scenery.frame_s[frame] - scenery.frame_s[before])
        standing = bool(scenery.ego.standing[before])
        if gap > (settings.standing_patience_s if standing else settings.patience_s)[LIGHT]:
            break
        rows = sights.in_frame(before)
        rows = rows[free[rows]]
        moved = box + np.tile(scenery.shift[before] - scenery.shift[frame], 2).astype(np.float32)
        likeness = alike(moved[None], sights.boxes[rows], np.array([0.0 if standing else gap]), HEAD)[0]
        best = int(rows[likeness.argmax()])
        if likeness.max() >= settings.alike_weak:
            found.append(best)
            frame, box = before, sights.boxes[best]
            free[rows[same_head(sights.boxes[rows], box[None])[:, 0]]] = False
    return found


def _frames_back(sights: LampSights, free: NDArray[np.bool_], frame: int, scenery: Scenery) -> list[int]:
    """Frames before `frame` that have free sights, back to the last cut, the latest first."""
    cuts = np.flatnonzero(scenery.cut[: frame + 1])
    since = int(cuts[-1]) if len(cuts) else 0
    frames = np.unique(sights.frame[free & (sights.frame < frame) & (sights.frame >= since)])
    return [int(each) for each in frames[::-1]]


def _lengthened(one: Sightings, sights: LampSights, latest_first: list[int]) -> Sightings:
    rows = np.array(latest_first[::-1], np.intp)
    if not len(rows):
        return one
    found = sights[rows]
    state_class = STATE_CLASS[found.evidence.argmax(axis=1)]
    hidden, described = np.zeros((len(rows), 4), bool), np.full(len(rows), -1)
    earlier = Sightings(
        one.group, found.frame, found.boxes, found.confidence, state_class, found.look, hidden, described
    )
    return Sightings.concatenate([earlier, one])
