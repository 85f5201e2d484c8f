"""Tracks of road users by both directions of time, to part those that went over from one thing to another.

Forwards, what comes near grows from a few pixels, and its place is foreseen badly: a track that lost its car takes the
next one of the row. Backwards, the place is known well before the thing grows small, but other things come out from
behind others. Both seldom err at the same detection: where they do not agree, a track is taken apart, and what goes on
with what is left to be judged by all that is known before and after (`vision.world.rejoin`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Floats
from vision.motion.egomotion import EgoMotion
from vision.tracking.foresight import Scenery
from vision.tracking.scans import Scan
from vision.tracking.sightings import PERSON, VEHICLE, Sightings
from vision.tracking.tracker import TrackingSettings, track

# For how long a vehicle may be missing within a piece. Of 20 000 shorter gaps of simulated drives 2000-2023 one in a
# thousand lies between two things, of those longer one in twenty: another came out from behind what hid the first.
MISSING_S: Final = 0.5
# What comes into the picture fast, or leaves it so, does it in this time.
END_S: Final = 0.7


@dataclass(frozen=True, slots=True)
class Pieces:
    """`links`: pairs of `tracks` (counted from 1, as in the log) that were made one, by one direction of time or by
    both (1 or 2).
    """

    tracks: list[Sightings]
    links: Mapping[tuple[int, int], int]


def track_backwards(
    scans: Sequence[Scan],
    looks: NDArray[np.float32],
    thresholds: NDArray[np.float32],
    scenery: Scenery,
    settings: TrackingSettings,
) -> list[Sightings]:
    """Confirmed tracks of road users, found from the last scan to the first; as those of `track`."""
    last = len(scenery.frame_s) - 1
    users = [replace(scan[scan.group <= PERSON], frame=last - scan.frame) for scan in reversed(scans)]
    found = track(users, looks, thresholds, _backwards(scenery), settings)
    return [replace(one[np.argsort(-one.frame)], frame=(last - one.frame)[::-1].astype(np.int32)) for one in found]


def _backwards(scenery: Scenery) -> Scenery:
    """The same drive from its end; the first frame after a cut is then the one before it."""
    ego, cut = scenery.ego, np.zeros_like(scenery.cut)
    cut[1:] = scenery.cut[:0:-1]
    return replace(
        scenery,
        frame_s=-scenery.frame_s[::-1],
        ego=EgoMotion(
            ego.x_m[::-1], ego.y_m[::-1], ego.heading_rad[::-1], -ego.speed_mps[::-1], ego.standing[::-1]
        ),
        shift=scenery.shift[::-1],
        cut=cut,
    )  # fmt: skip


def parted(tracks: Sequence[Sightings], backwards: Sequence[Sightings], frame_s: Floats) -> Pieces:
    """Road users' tracks, taken apart wherever `backwards` does not go on with the same detections, and vehicles' where
    they were missing for longer than `MISSING_S`. `frame_s`: times of all frames.
    """
    tracks = _with_ends(tracks, backwards, frame_s)
    told = {key: number for number, one in enumerate(backwards) for key in _keys(one)}
    pieces: list[tuple[Sightings, int, int]] = []
    for forward, one in enumerate(tracks):
        back = np.array([told.get(key, -1) for key in _keys(one)] if one.group <= PERSON else [-1] * len(one.frame))
        known = np.flatnonzero(back >= 0)
        differ = known[1:][np.diff(back[known]) != 0]
        missing = np.flatnonzero(np.diff(frame_s[one.frame]) > MISSING_S) + 1 if one.group == VEHICLE else known[:0]
        parts = np.split(np.arange(len(one.frame)), np.union1d(differ, missing).tolist())
        pieces += [(one[rows], forward, int(back[rows].max())) for rows in parts]
    pieces.sort(key=lambda piece: int(piece[0].frame[0]))
    links: Counter[tuple[int, int]] = Counter()
    latest: dict[tuple[str, int], int] = {}
    for number, (piece, forward, backward) in enumerate(pieces, 1):
        for name in [("forward", forward)] + [("backward", backward)] * (backward >= 0):
            before = latest.get(name)
            if before is not None and pieces[before - 1][0].frame[-1] < piece.frame[0]:
                links[before, number] += 1
            latest[name] = number
    return Pieces([piece for piece, _, _ in pieces], links)


def _with_ends(tracks: Sequence[Sightings], backwards: Sequence[Sightings], frame_s: Floats) -> list[Sightings]:
    """The tracks with what only `backwards` found shortly before their beginnings and after their ends: what comes into
    the picture fast is not followed from there, but back to there.
    """
    owner = {key: number for number, one in enumerate(tracks) for key in _keys(one)}
    longer = list(tracks)

    def near(one: Sightings, rows: NDArray[np.intp], end: int) -> NDArray[np.bool_]:
        return np.asarray(np.abs(frame_s[one.frame[rows]] - frame_s[one.frame[end]]) <= END_S)

    for one in backwards:
        owners = np.array([owner.get(key, -1) for key in _keys(one)])
        known = np.flatnonzero(owners >= 0)
        if not len(known):
            continue
        first, last = int(owners[known[0]]), int(owners[known[-1]])
        if longer[first].frame[0] == one.frame[known[0]]:
            before = np.arange(known[0])
            longer[first] = Sightings.concatenate([one[before[near(one, before, known[0])]], longer[first]])
        if longer[last].frame[-1] == one.frame[known[-1]]:
            after = np.arange(known[-1] + 1, len(owners))
            longer[last] = Sightings.concatenate([longer[last], one[after[near(one, after, known[-1])]]])
    return longer


def confirmed(tracks: Sequence[Sightings], settings: TrackingSettings) -> list[Sightings]:
    """Without pieces of road users too short to be tracks."""
    return [one for one in tracks if one.group > PERSON or len(one.frame) >= settings.hits[one.group]]


def _keys(one: Sightings) -> list[tuple[int, bytes]]:
    """By which a detection is the same in both directions: its frame and box."""
    return [(frame, box.tobytes()) for frame, box in zip(one.frame.tolist(), one.boxes, strict=True)]
