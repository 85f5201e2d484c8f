"""Broken tracks put together again, so that one thing counts once.

Where a track ended, its smoothed motion is carried on to where another one begins. The two are one thing if that fits,
if they look alike as far as that is known, and if the place is known so well that no other thing of its kind would find
room there (linking of tracklets, as in Perera et al., "Multi-object tracking through simultaneous long occlusions and
split-merge conditions", CVPR 2006). What is said to stand may be hidden for long, what moves only as long as it can be
foreseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES
from vision.appearance import standardised
from vision.log import Floats, ObservationLog
from vision.sightings import GROUP_OF, Sightings
from vision.smoothing import predict, squared_deviations
from vision.track_motion import EGO_SCALE
from vision.world_state import WANDER, Motions

HIDDEN_S: Final = 15.0  # buses stand at stops for 10 to 20 s
FITS: Final = 7.78  # squared standard deviations of place and velocity (chi squared, 4 degrees of freedom, 90 %)
ELLIPSE: Final = 14.5  # pi times the same for the place alone (2 degrees of freedom): area over its deviations
# Ground that a thing takes up with the gaps around it, square metres: a car of 4.3 x 1.8 m keeps 1 m all around.
ROOM_M2: Final = {"person": 1.0, "bicycle": 2.5, "motorcycle": 2.5, "car": 15.0, "bus": 40.0, "truck": 30.0}
_WASTE_ROOM_M2: Final = 0.5
_ROOM: Final = np.array([ROOM_M2.get(name, _WASTE_ROOM_M2) for name in STREET_CLASSES])
ALIKE: Final = 0.3  # of appearances against the log's others, -1 to 1; one in ten others of a kind is as much alike
FOOT_M: Final = 0.3  # a box that is found again ends a little elsewhere on the thing


def same_things(log: ObservationLog, moved: Motions, appearances: NDArray[np.float16]) -> list[tuple[int, int]]:
    """Tracks (ids) that are one thing: an earlier one and the one that goes on with it. No track is in two pairs at the
    same end.

    Args:
        moved: `motions` of the log.
        appearances: (T, APPEARANCE_SIZE) of the tracks of `log.tracks`, NaN unknown.
    """
    known = dict(zip(log.tracks.track.tolist(), standardised(appearances), strict=True))
    looks = np.array([known[track.track] for track in moved.tracks]).reshape(-1, appearances.shape[1])
    misfits = [
        (misfit, int(earlier), later)
        for later, candidates in enumerate(_candidates(log, moved))
        for misfit, earlier in _fitting(log, moved, candidates[~(looks[candidates] @ looks[later] < ALIKE)], later)
    ]
    ended, begun, pairs = set[int](), set[int](), []
    for _, earlier, later in sorted(misfits):
        if earlier not in ended and later not in begun:
            ended.add(earlier)
            begun.add(later)
            pairs.append((moved.tracks[earlier].track, moved.tracks[later].track))
    return sorted(pairs)


def _candidates(log: ObservationLog, moved: Motions) -> Iterator[NDArray[np.intp]]:
    """For each track, those of its kind and scene that ended not long before it began."""
    seen, scene = log.observations, np.cumsum(log.frames.cut)[log.observations.frame]
    ends, begins = moved.rows[moved.last], moved.rows[moved.first]
    kind = np.stack([GROUP_OF[np.array([track.class_id for track in moved.tracks], np.intp)], scene[ends]], axis=1)
    order = np.argsort(seen.time_s[ends], kind="stable")
    low, high = np.searchsorted(seen.time_s[ends][order], [seen.time_s[begins] - HIDDEN_S, seen.time_s[begins]])
    for track in range(len(begins)):
        near = order[low[track] : high[track]]
        yield near[(kind[near] == [kind[track, 0], scene[begins[track]]]).all(axis=1)]


def _fitting(log: ObservationLog, moved: Motions, before: NDArray[np.intp], later: int) -> list[tuple[float, np.intp]]:
    """Misfit and number of each track that goes on to where a later one begins."""
    off, spread = _apart(log, moved, before, later)
    told = np.isfinite(spread).all(axis=(1, 2))
    before, off, spread = before[told], off[told], spread[told]
    misfit = squared_deviations(off, spread)
    area = ELLIPSE * np.sqrt(np.linalg.det(spread[:, :2, :2]))
    fits = (misfit <= FITS) & (area <= _ROOM[moved.tracks[later].class_id])
    return list(zip(misfit[fits].tolist(), before[fits], strict=True))


def _apart(log: ObservationLog, moved: Motions, before: NDArray[np.intp], later: int) -> tuple[Floats, Floats]:
    """How far (N, 4) a track begins from where those before it would be then, and with what covariance."""
    last, first = moved.last[before], moved.first[later]
    ends, begin = moved.rows[last], moved.rows[first]
    gap = log.observations.time_s[begin] - log.observations.time_s[ends]
    class_id = np.array([moved.tracks[row].class_id for row in before], np.intp)
    wander = np.where(moved.stood[before] & moved.stood[later], 0.0, WANDER[class_id])
    ahead, spread = predict(moved.smoothed.mean[last], moved.smoothed.covariance[last], gap, wander)
    there, then = log.observations.frame[begin], log.observations.frame[ends]
    way = np.hypot(log.frames.x_m[there] - log.frames.x_m[then], log.frames.y_m[there] - log.frames.y_m[then])
    spread = spread + moved.smoothed.covariance[first]
    spread[:, [0, 1], [0, 1]] += (FOOT_M**2 + (EGO_SCALE * way) ** 2)[:, None]
    spread[:, [2, 3], [2, 3]] += FOOT_M**2
    return moved.smoothed.mean[first] - ahead, spread


def joined(tracks: Sequence[Sightings], pairs: Sequence[tuple[int, int]]) -> list[Sightings]:
    """Tracks with pairs of them (counted from 1, as in the log) made one, under the place of the first."""
    whole = {number: number for number in range(1, len(tracks) + 1)}
    for earlier, later in sorted(pairs, key=lambda pair: int(tracks[pair[1] - 1].frame[0])):
        whole[later] = whole[earlier]
    parts: dict[int, list[Sightings]] = {}
    for number, first in whole.items():
        parts.setdefault(first, []).append(tracks[number - 1])
    return [_one(each) for each in parts.values()]


def _one(parts: list[Sightings]) -> Sightings:
    if len(parts) == 1:
        return parts[0]
    parts = sorted(parts, key=lambda part: int(part.frame[0]))
    return Sightings(
        parts[0].group,
        np.concatenate([part.frame for part in parts]),
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.class_id for part in parts]),
        np.concatenate([part.look for part in parts]),
    )
