"""Vehicles of a log: one per machine, whatever the tracker made of it.

A track that is lost and found again is one vehicle, and so are two tracks that lie on one another (a machine seen
as bicycle and motorcycle). Riders are never vehicles, but show where their machine is while it is not detected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES, VEHICLES, class_ids
from pipelines.rules.riders import Ride, at_once, by_party, lives_of, rides, under_riders
from vision.belief import agreed
from vision.log import Floats, GroundCamera, ObservationLog, Track
from vision.overlap import paired_iou

TWO_WHEELED: Final = frozenset({"bicycle", "motorcycle"})

# A lost track may go on for this long unseen; one that stood may be hidden longer.
_LOST_S: Final = 1.5
_HIDDEN_STANDING_S: Final = 10.0
# and two pieces may overlap by this much when the tracker was slow to let go of the first.
_OVERLAP_S: Final = 1.0
_SAME_IOU: Final = 0.55
# Slower than this at its end, a track stood.
_STOOD_MPS: Final = 0.4
# A vehicle goes on within this of where it was heading; the next one of a queue is further.
_REACH_M: Final = 1.2


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One row per moment, in order of time. `track`: the longest of its `tracks`. `rows`: of the observation table,
    the rider's where only the rider was seen. `boxes`: of the machine, drawn under its rider where unseen.
    """

    track: int
    tracks: tuple[int, ...]
    name: str
    rows: NDArray[np.intp]
    boxes: NDArray[np.float32]
    log: ObservationLog

    @property
    def time_s(self) -> Floats:
        return self.log.observations.time_s[self.rows]

    @property
    def confidence(self) -> float:
        return agreed(self.log.observations.confidence[self.rows])

    def box_at(self, time_s: float) -> tuple[float, float, float, float]:
        """The box nearest to a time."""
        x1, y1, x2, y2 = self.boxes[int(np.argmin(np.abs(self.time_s - time_s)))].tolist()
        return x1, y1, x2, y2


def counted(count: int) -> str:
    """In words, e.g. "1 vehicle", "3 vehicles"."""
    return f"{count} vehicle{'' if count == 1 else 's'}"


def single(track: Track, log: ObservationLog) -> Vehicle:
    return Vehicle(track.track, (track.track,), STREET_CLASSES[track.class_id], track.rows, track.boxes, log)


def vehicles_in(log: ObservationLog, standing_camera: GroundCamera | None) -> tuple[Vehicle, ...]:
    """Every motor vehicle and bicycle, in order of first sight. `standing_camera`: None when it moves."""
    tracks = _in_order(log.each_track(class_ids(VEHICLES | {"bicycle"})))
    tracks = _without_doubles(tracks)
    machines = [track for track in tracks if STREET_CLASSES[track.class_id] in TWO_WHEELED]
    ridden = rides(machines, _in_order(log.each_track(class_ids(frozenset({"person"})))))
    found = [v for group in _by_rider(_chains(standing_camera, machines), ridden) for v in _ridden(group, log)]
    found += [_vehicle(c, log) for c in _chains(standing_camera, [track for track in tracks if track not in machines])]
    cuts = log.frames.time_s[log.frames.cut]
    parts = [part for vehicle in found for part in _split(vehicle, cuts)]
    return tuple(sorted(parts, key=lambda vehicle: (vehicle.time_s[0], vehicle.track)))


def _in_order(tracks: Iterable[Track]) -> list[Track]:
    return sorted(tracks, key=lambda track: (track.time_s[0], track.track))


def _chains(camera: GroundCamera | None, tracks: list[Track]) -> list[list[Track]]:
    """Pieces of one vehicle, in order of time."""
    chains: list[list[Track]] = []
    open_chains: list[tuple[float, list[Track]]] = []
    for track in tracks:
        start, end = float(track.time_s[0]), float(track.time_s[-1])
        open_chains = [(until, chain) for until, chain in open_chains if start - until <= _HIDDEN_STANDING_S]
        ended = (chain for until, chain in open_chains if until - start <= _OVERLAP_S)
        fits = [(misfit, chain) for chain in ended if (misfit := _misfit(camera, chain[-1], track)) is not None]
        chain = min(fits, key=lambda fit: fit[0])[1] if fits else []
        if not fits:
            chains.append(chain)
        chain.append(track)
        open_chains = [*((until, other) for until, other in open_chains if other is not chain), (end, chain)]
    return chains


def _by_rider(chains: list[list[Track]], ridden: list[Ride]) -> list[tuple[list[Track], list[Ride]]]:
    """Chains that share a rider are one machine."""
    groups: list[tuple[list[Track], list[Ride]]] = []
    for chain in chains:
        mine = [ride for ride in ridden if ride.machine in {track.track for track in chain}]
        riders = {ride.rider.track for ride in mine}
        group = next((g for g in groups if riders & {ride.rider.track for ride in g[1]}), None)
        if group is None:
            groups.append((list(chain), mine))
        else:
            group[0].extend(chain)
            group[1].extend(mine)
    return groups


def _vehicle(chain: list[Track], log: ObservationLog) -> Vehicle:
    rows = np.concatenate([track.rows for track in chain])
    longest = max(chain, key=lambda track: len(track.rows))
    tracks = tuple(track.track for track in chain)
    whole = Vehicle(longest.track, tracks, STREET_CLASSES[longest.class_id], rows, log.observations.boxes[rows], log)
    return _one_per_moment(whole, log.observations.confidence[rows])


def _ridden(group: tuple[list[Track], list[Ride]], log: ObservationLog) -> list[Vehicle]:
    """A machine with the moments in which only its rider was seen. Riders who part are on two machines: the
    machine's track went over from one to the other.
    """
    seen, parties = _vehicle(group[0], log), by_party(group[1])
    if len(parties) < 2:
        return [_with_riders(seen, group[1])]
    return [
        _with_riders(
            replace(_at(seen, under_riders(seen.time_s, seen.boxes, party)), track=party[0].rider.track), party
        )
        for party in parties
    ]


def _with_riders(seen: Vehicle, party: list[Ride]) -> Vehicle:
    rows = [seen.rows, *(ride.rider.rows for ride in party)]
    boxes = [seen.boxes, *(ride.machine_boxes for ride in party)]
    both = replace(seen, rows=np.concatenate(rows), boxes=np.concatenate(boxes))
    # Where the machine itself was seen, its own box counts.
    return _one_per_moment(both, np.repeat(np.arange(len(rows), 0, -1.0), [len(part) for part in rows]))


def _at(vehicle: Vehicle, some: NDArray[np.bool_] | NDArray[np.intp]) -> Vehicle:
    """The vehicle at some of its moments."""
    return replace(vehicle, rows=vehicle.rows[some], boxes=vehicle.boxes[some])


def _one_per_moment(vehicle: Vehicle, worth: NDArray[np.floating[Any]]) -> Vehicle:
    """In order of time; of several rows at one moment the one worth most."""
    order = np.lexsort((-worth, vehicle.time_s))
    first = np.ones(len(order), bool)
    first[1:] = np.diff(vehicle.time_s[order]) > 1e-9
    return _at(vehicle, order[first])


def _split(vehicle: Vehicle, cuts: Floats) -> list[Vehicle]:
    """Nothing is carried over a hard cut of the scene."""
    scene_of = np.searchsorted(cuts, vehicle.time_s, side="right")
    parts = (scene_of == scene for scene in np.unique(scene_of))
    return [_at(vehicle, part) for part in parts]


def _alike(a: Track, b: Track) -> bool:
    return (STREET_CLASSES[a.class_id] in TWO_WHEELED) == (STREET_CLASSES[b.class_id] in TWO_WHEELED)


def _without_doubles(tracks: list[Track]) -> list[Track]:
    """Of two tracks that lie on one another most of the shorter one's life, the longer stays."""
    longest = sorted(tracks, key=lambda track: (-len(track.rows), track.track))
    lives = lives_of(longest)
    kept = np.zeros(len(longest), bool)
    for row, track in enumerate(longest):
        others = np.flatnonzero(kept & at_once(lives, lives[row]))
        kept[row] = not any(_lies_on(track, longest[other]) for other in others)
    return _in_order(track for track, stays in zip(longest, kept, strict=True) if stays)


def _lies_on(track: Track, other: Track) -> bool:
    if not _alike(track, other):
        return False
    overlaps = _common_iou(track, other)
    return 2 * len(overlaps) >= len(track.rows) and float(np.median(overlaps)) > _SAME_IOU


def _common_iou(a: Track, b: Track) -> NDArray[np.float32]:
    """(K,) IoU in the frames both were seen in."""
    _, in_a, in_b = np.intersect1d(a.time_s, b.time_s, return_indices=True)
    return paired_iou(a.boxes[in_a], b.boxes[in_b])


def _misfit(camera: GroundCamera | None, lost: Track, found: Track) -> float | None:
    """How far from where `lost` was heading `found` begins, in metres; None when it does not go on there."""
    gap = float(found.time_s[0] - lost.time_s[-1])
    if gap < -_OVERLAP_S or gap > _HIDDEN_STANDING_S or not _alike(lost, found):
        return None
    if gap <= 0:
        shared = _common_iou(lost, found)
        return None if len(shared) == 0 or float(shared.min()) < _SAME_IOU else 0.0
    size, before = float(np.ptp(found.boxes[0, [1, 3]])), float(np.ptp(lost.boxes[-1, [1, 3]]))
    place, rate = _end_motion(camera, lost)
    speed = float(np.hypot(*rate))
    if (gap > _LOST_S and speed > _STOOD_MPS) or not 0.6 < size / max(before, 1.0) < 1.7:
        return None
    off = float(np.hypot(*(_on_road(camera, found)[0] - place - rate * gap)))
    return off if off < _REACH_M + 0.25 * speed * gap else None


def _end_motion(camera: GroundCamera | None, track: Track) -> tuple[Floats, Floats]:
    """Place on the road at the end and velocity there, from the last 0.8 s."""
    last = track.time_s > track.time_s[-1] - 0.8
    t, place = track.time_s[last] - track.time_s[-1], _on_road(camera, track)[last]
    if len(t) < 3 or not np.isfinite(place).all():
        return place[-1], np.zeros(2)
    slope = np.polyfit(t, place, 1)
    return slope[1], slope[0]


def _on_road(camera: GroundCamera | None, track: Track) -> Floats:
    """(N, 2) metres: on the road before a camera that stands, else in the local frame."""
    if camera is None:
        return track.local
    boxes = track.boxes.astype(float)
    return np.stack(camera.to_ground(0.5 * (boxes[:, 0] + boxes[:, 2]), boxes[:, 3]), axis=1)
