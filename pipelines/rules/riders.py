"""Who rides which machine. A rider is seen more surely than the machine below and shows where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.log import Track

# Seen together this often, with the rider on the machine in most of these frames.
_FEWEST_TOGETHER: Final = 4
_MOSTLY: Final = 0.8


@dataclass(frozen=True, slots=True)
class Ride:
    """`machine`: track of the machine. `machine_boxes`: (N, 4) where it is at each of the rider's rows."""

    machine: int
    rider: Track
    machine_boxes: NDArray[np.float32]


def rides(machines: list[Track], persons: list[Track]) -> list[Ride]:
    """Each machine's riders: persons who sit on it whenever both are seen."""
    lives = lives_of(persons)
    found = []
    for machine, life in zip(machines, lives_of(machines), strict=True):
        near = (_ride(machine, persons[row]) for row in np.flatnonzero(at_once(lives, life)))
        found += [ride for ride in near if ride is not None]
    return found


def lives_of(tracks: list[Track]) -> NDArray[np.float64]:
    """(N, 2) first and last time of each."""
    return np.array([track.time_s[[0, -1]] for track in tracks], float).reshape(-1, 2)


def at_once(lives: NDArray[np.float64], life: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N,) which of them share some time with one."""
    return np.asarray((lives[:, 0] <= life[1]) & (lives[:, 1] >= life[0]))


def _ride(machine: Track, person: Track) -> Ride | None:
    _, of_machine, of_person = np.intersect1d(machine.time_s, person.time_s, return_indices=True)
    if len(of_machine) < _FEWEST_TOGETHER:
        return None
    under, over = machine.boxes[of_machine], person.boxes[of_person]
    seated = np.flatnonzero(_sits_on(under, over))
    # A machine's track may go over to another machine: together means from the first time to the last.
    if len(seated) < max(_FEWEST_TOGETHER, _MOSTLY * (np.ptp(seated) + 1 if len(seated) else 0)):
        return None
    return Ride(machine.track, person, _below(person.boxes, under[seated], over[seated]))


def by_party(ridden: list[Ride]) -> list[list[Ride]]:
    """Riders of one track, apart where they are seen apart."""
    parties: list[list[Ride]] = []
    for ride in ridden:
        party = next((p for p in parties if not any(_apart(ride, other) for other in p)), None)
        if party is None:
            parties.append([ride])
        else:
            party.append(ride)
    return parties


def _apart(a: Ride, b: Ride) -> bool:
    """Whether at some time both were seen, on machines that do not touch."""
    _, in_a, in_b = np.intersect1d(a.rider.time_s, b.rider.time_s, return_indices=True)
    one, other = a.machine_boxes[in_a], b.machine_boxes[in_b]
    gap = np.maximum(one[:, :2], other[:, :2]) - np.minimum(one[:, 2:], other[:, 2:])
    return int(np.sum(gap.max(axis=1) > 0)) >= _FEWEST_TOGETHER if len(in_a) else False


def under_riders(time_s: NDArray[np.float64], boxes: NDArray[np.float32], party: list[Ride]) -> NDArray[np.bool_]:
    """(N,) which of a machine's boxes lie under one of the riders at that time."""
    found = np.zeros(len(time_s), bool)
    for ride in party:
        _, mine, theirs = np.intersect1d(time_s, ride.rider.time_s, return_indices=True)
        found[mine] |= _sits_on(boxes[mine], ride.rider.boxes[theirs])
    return found


def _sits_on(machine: NDArray[np.float32], person: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Upright over the machine: middle above it, feet at its height, of a size with it."""
    width, height = machine[:, 2] - machine[:, 0], person[:, 3] - person[:, 1]
    aside = np.abs(machine[:, 0] + machine[:, 2] - person[:, 0] - person[:, 2]) / 2
    feet = (person[:, 3] - machine[:, 1]) / np.maximum(machine[:, 3] - machine[:, 1], 1.0)
    tall = (machine[:, 3] - machine[:, 1]) / np.maximum(height, 1.0)
    seated = (aside < 0.4 * width) & (feet > 0.3) & (feet < 1.25) & (tall > 0.3) & (tall < 1.6)
    return np.asarray(seated & (person[:, 1] < machine[:, 3]))


def _below(person: NDArray[np.float32], under: NDArray[np.float32], over: NDArray[np.float32]) -> NDArray[np.float32]:
    """Machine boxes for all person boxes, by the median relation where both were seen, in sizes of the person."""
    size = _size(over)
    relation = np.median((under - over) / size, axis=0)
    return np.asarray(person + relation * _size(person), np.float32)


def _size(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return np.maximum(np.stack([width, height, width, height], axis=1), 1.0)
