"""Broken tracks put together again, so that one thing counts once.

How much more likely it is that a track which ended and one that begins are one thing than that another of its kind
begins there tells whether they may be joined (`rejoin_odds`); of all ways to join tracks one to one the most likely is
taken (linking of tracklets, as in Perera et al., "Multi-object tracking through simultaneous long occlusions and
split-merge conditions", CVPR 2006). What stands may be hidden for long, what moves only as long as it can be foreseen.
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

from models.taxonomy import STREET_CLASSES, VEHICLES
from vision.log import Floats
from vision.tracking.foresight import ON_ROAD
from vision.tracking.sightings import Sightings
from vision.world.rejoin_odds import ends_of, log_odds
from vision.world.trails import Trails

HIDDEN_S: Final = 15.0  # buses stand at stops for 10 to 20 s
# Odds of one thing against another from which two tracks are joined. Low for vehicles, as few of them are not tracked
# themselves: on simulated drives 2000-2031 and 2064-2095 cars go over to another track 249 times and 153 further cars
# are in a track; with 0.02 they are 245 and 171 (before looks told them apart, too). The others' were measured nowhere.
LEAST_ODDS: Final = 1.0
LEAST_ODDS_VEHICLE: Final = 0.05
# Times the odds for each direction of time in which the tracker made one of them, and for each of the two that it went
# on with at all, be it with another: where it took one thing for another it mostly did so twice, and neither ended.
LINKED: Final = 3.0
GOES_ON: Final = 4.5
# The latter is told of what is not seen for a moment, not of what went away: simulated drives 2000-2127 have 383 such
# switches and 212 further cars with it, 366 and 238 without a limit, and on a real street full of riders those who left
# the picture were taken for those who came in.
AGAIN_S: Final = 1.2
_LEAST: Final = np.array([LEAST_ODDS_VEHICLE if name in VEHICLES else LEAST_ODDS for name in STREET_CLASSES])
PAIRS_AT_ONCE: Final = 20_000  # a kilobyte each


def same_things(trails: Trails, links: Mapping[tuple[int, int], int] = MappingProxyType({})) -> list[tuple[int, int]]:
    """Tracks (counted from 1) that are one thing: an earlier one and the one that goes on with it. No track is in two
    pairs at the same end.

    Args:
        links: pairs of tracks that the tracker made one, and in how many directions of time.
    """
    count, ends = len(trails.first), ends_of(trails)
    goes_on, comes_from = (_most_linked(links, end, count) for end in (0, 1))
    found = [(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0))]
    for before, later in _candidates(trails):
        pairs = zip((before + 1).tolist(), (later + 1).tolist(), strict=True)
        linked = np.array([links.get(pair, 0) for pair in pairs], float)
        gain = log_odds(ends, before, later) - np.log(_LEAST[trails.class_id[later]])
        again = trails.gap_s(before, later) <= AGAIN_S
        gain += linked * np.log(LINKED) + again * (goes_on[before] + comes_from[later]) * np.log(GOES_ON)
        fits = gain > 0
        found.append((before[fits], later[fits], gain[fits]))
    before, later, gain = (np.concatenate(column) for column in zip(*found, strict=True))
    joins = _most_likely(before, later, gain, count)
    return sorted([*joins, *_unplaced(links, trails, joins)])


def _most_linked(links: Mapping[tuple[int, int], int], end: int, count: int) -> Floats:
    """(T,) in how many directions of time the tracker made each track one with another; 0 with none.

    Args:
        end: 0 for a later one, 1 for an earlier one.
    """
    most: Counter[int] = Counter()
    for pair, directions in links.items():
        most[pair[end]] = max(most[pair[end]], directions)
    return np.array([most[each] for each in range(1, count + 1)], float)


def _most_likely(before: NDArray[np.intp], later: NDArray[np.intp], gain: Floats, count: int) -> list[tuple[int, int]]:
    """Pairs of tracks (counted from 1) of the most likely way to join them one to one: of the greatest sum of gains.

    Args:
        before, later, gain: (P,) pairs of rows and what each gains, all of it positive. count: of tracks.
    """
    alone = np.arange(count)
    # Each is matched, with a column of its own if with nothing else: one is added to all, as 0 would be no edge.
    gain = 1.0 + np.concatenate([np.zeros(count), gain])
    graph = csr_array((gain, (np.append(alone, before), np.append(count + alone, later))), shape=(count, 2 * count))
    rows, columns = min_weight_full_bipartite_matching(graph, maximize=True)
    return [(row + 1, to + 1) for row, to in zip(rows.tolist(), columns.tolist(), strict=True) if to < count]


def _unplaced(
    links: Mapping[tuple[int, int], int], trails: Trails, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Of links at tracks of which no place is known, those that no pair contradicts."""
    ended, begun = {earlier for earlier, _ in pairs}, {later for _, later in pairs}
    placed = np.logical_or.reduceat(np.isfinite(trails.place[:, 0]), trails.first)
    for earlier, later in sorted(links):
        if not (placed[earlier - 1] and placed[later - 1]) and earlier not in ended and later not in begun:
            ended.add(earlier)
            begun.add(later)
            yield earlier, later


def _candidates(trails: Trails) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows of tracks that may be one thing, earlier and later ones, some `PAIRS_AT_ONCE` at a time: of one kind and
    scene, of which one ended not long before the other began.
    """
    last_s, first_s = trails.time_s[trails.last], trails.time_s[trails.first]
    order = np.argsort(last_s, kind="stable")
    low, high = np.searchsorted(last_s[order], first_s - HIDDEN_S), np.searchsorted(last_s[order], first_s)
    portion = np.cumsum(high - low) // PAIRS_AT_ONCE
    for number in np.unique(portion):
        some = np.flatnonzero(portion == number)
        before = np.concatenate([order[low[row] : high[row]] for row in some])
        later = np.repeat(some, (high - low)[some])
        fits = (trails.group[before] == trails.group[later]) & (trails.scene[before] == trails.scene[later])
        fits &= ON_ROAD[trails.group[later]]
        yield before[fits], later[fits]


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
