"""Broken tracks put together again, so that one thing counts once.

Where a track ended, its smoothed motion is carried on to where another one begins. How much more likely the two are one
thing than another of its kind, of which there may be one in every place where such a thing finds room, tells whether
they may be joined; of all ways to join tracks one to one the most likely is taken (linking of tracklets, as in Perera
et al., "Multi-object tracking through simultaneous long occlusions and split-merge conditions", CVPR 2006). What is
likely to stand may be hidden for long, what moves only as long as it can be foreseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from models.taxonomy import VEHICLES, class_ids
from vision.log import Floats, ObservationLog
from vision.tracking.sightings import GROUP_OF, Sightings
from vision.world.appearance import standardised
from vision.world.rejoin_odds import log_odds, suppositions_of
from vision.world.states import Motions

HIDDEN_S: Final = 15.0  # buses stand at stops for 10 to 20 s
# Odds of one thing against another from which two tracks are joined. Low for vehicles, as few of them are not tracked
# themselves: simulated drives 2000-2031 have 1.7 switches in 100 s with 0.1, 1.6 with 0.03, 1.5 with 0.01, which takes
# more cars that stood for others (F1 of rest 0.947, not 0.949). The others' were measured nowhere.
LEAST_ODDS: Final = 1.0
LEAST_ODDS_VEHICLE: Final = 0.03
# Times the odds for each direction of time in which the tracker made one of them, and for each of the two that it went
# on with at all, be it with another: where it took one thing for another it mostly did so twice, and neither ended.
# Simulated drives 2000-2031 and 2064-2095 have 136 switches so, 143 with 150 and 1, which say more of a single pair.
LINKED: Final = 3.0
GOES_ON: Final = 4.5
_VEHICLE_IDS: Final = class_ids(VEHICLES)
ALIKE: Final = 0.3  # of appearances against the log's others, -1 to 1; one in ten others of a kind is as much alike


def same_things(
    log: ObservationLog,
    moved: Motions,
    appearances: NDArray[np.float16],
    links: Mapping[tuple[int, int], int] = MappingProxyType({}),
) -> list[tuple[int, int]]:
    """Tracks (ids) that are one thing: an earlier one and the one that goes on with it. No track is in two pairs at the
    same end.

    Args:
        moved: `motions` of the log.
        appearances: (T, APPEARANCE_SIZE) of the tracks of `log.tracks`, NaN unknown.
        links: pairs of tracks that the tracker made one, and in how many directions of time.
    """
    known = dict(zip(log.tracks.track.tolist(), standardised(appearances), strict=True))
    looks = np.array([known[track.track] for track in moved.tracks]).reshape(-1, appearances.shape[1])
    ids = [track.track for track in moved.tracks]
    supposed_to = suppositions_of(log, moved)
    goes_on, comes_from = (_most_linked(links, end, ids) for end in (0, 1))
    gains: list[tuple[NDArray[np.intp], int, Floats]] = []
    for later, before in enumerate(_candidates(log, moved)):
        linked = np.array([links.get((ids[earlier], ids[later]), 0) for earlier in before], float)
        differ = (looks[before] @ looks[later] < ALIKE) & (linked == 0)
        odds = log_odds(log, moved, supposed_to, before, later) + linked * np.log(LINKED)
        odds += (goes_on[before] + comes_from[later]) * np.log(GOES_ON)
        least = LEAST_ODDS_VEHICLE if moved.tracks[later].class_id in _VEHICLE_IDS else LEAST_ODDS
        gain = odds - np.log(least)
        fits = ~differ & (gain > 0)
        gains.append((before[fits], later, gain[fits]))
    pairs = [(ids[earlier], ids[later]) for earlier, later in _most_likely(gains, len(ids))]
    return sorted([*pairs, *_unplaced(links, ids, pairs)])


def _most_linked(links: Mapping[tuple[int, int], int], end: int, ids: Sequence[int]) -> Floats:
    """(T,) in how many directions of time the tracker made each track one with another; 0 with none.

    Args:
        end: 0 for a later one, 1 for an earlier one.
    """
    most: Counter[int] = Counter()
    for pair, directions in links.items():
        most[pair[end]] = max(most[pair[end]], directions)
    return np.array([most[each] for each in ids], float)


def _most_likely(gains: Sequence[tuple[NDArray[np.intp], int, Floats]], count: int) -> list[tuple[int, int]]:
    """Pairs (earlier, later) of the most likely way to join tracks one to one: of the greatest sum of gains, each
    (earlier ones, a later one, gain of each pair) being positive. `count`: of tracks.
    """
    alone = np.arange(count)
    earlier = np.concatenate([alone, *(before for before, _, _ in gains)])
    later = np.concatenate([count + alone, *(np.full(len(before), row) for before, row, _ in gains)])
    # Each is matched, with a column of its own if with nothing else: one is added to all, as 0 would be no edge.
    gain = 1.0 + np.concatenate([np.zeros(count), *(each for _, _, each in gains)])
    graph = csr_array((gain, (earlier, later)), shape=(count, 2 * count))
    rows, columns = min_weight_full_bipartite_matching(graph, maximize=True)
    return [(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True) if column < count]


def _unplaced(
    links: Mapping[tuple[int, int], int], placed: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Of links at tracks of which no place is known, those that no pair contradicts."""
    ended, begun = {earlier for earlier, _ in pairs}, {later for _, later in pairs}
    known = set(placed)
    for earlier, later in sorted(links):
        if not {earlier, later} <= known and earlier not in ended and later not in begun:
            ended.add(earlier)
            begun.add(later)
            yield earlier, later


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
    return Sightings.concatenate(sorted(parts, key=lambda part: int(part.frame[0])))
