"""What is known of whether a vehicle stands from the others that are as far beside the camera's way.

Vehicles park in rows and drive in lanes, which go on from junction to junction. So what is told badly by its own motion
alone (something far, or hidden in part) most likely does as others do that were in its place across the street: these
tell which share of what is seen there stands (a Beta distribution's mean, which starts with what streets are like).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from vision.log import Floats
from vision.places.shared_error import STANDING
from vision.places.track_path import TrackPath

# Of which what is known of streets counts as much as. With 1 to 3 F1 of rest differs by 0.003 on simulated drives; the
# more, the less is a car lost that stands in a lane where all others drive.
AS_MANY: Final = 1.5
LANE_M: Final = 0.6  # standard deviation of how far beside the way vehicles of one row or lane are seen
LASTS_M: Final = 150.0  # along the way, as blocks are long
DRIVES_MPS: Final = 0.5  # of the camera: from one that waits, those that cross are seen as well
SIGHTINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a vehicle was nearest to a driving camera.

    Attributes:
        scene: between two cuts. way_m: metres that the camera had driven. left_m: metres to its left. NaN: never.
    """

    scene: int
    way_m: float
    left_m: float


def beside(path: TrackPath, way_m: Floats, scene: int) -> Beside:
    """Of a track. `way_m`: (N,) that the camera had driven at each of its sightings."""
    seen = np.flatnonzero(np.isfinite(path.forward + path.left + way_m) & (path.ego_mps > DRIVES_MPS))
    if not len(seen):
        return Beside(scene, np.nan, np.nan)
    nearest = seen[np.argsort(path.forward[seen], kind="stable")[:SIGHTINGS]]
    return Beside(scene, float(np.median(way_m[nearest])), float(np.median(path.left[nearest])))


def lane_odds(places: list[Beside], own_odds: Floats) -> Floats:
    """(N,) log odds that what is seen at each of N places stands, by the others; 0 where no place is known.

    Args:
        own_odds: (N,) of each standing, by its own motion alone; NaN unknown.
    """
    scene = np.array([each.scene for each in places])
    way, left = (np.array([getattr(each, name) for each in places], float) for name in ("way_m", "left_m"))
    usual = np.log(STANDING / (1 - STANDING))
    stands = expit(own_odds + usual)
    told = np.zeros(len(places))
    for row in np.flatnonzero(np.isfinite(way)):
        alike = np.exp(-0.5 * ((left - left[row]) / LANE_M) ** 2 - np.abs(way - way[row]) / LASTS_M)
        alike[(scene != scene[row]) | ~np.isfinite(alike + stands)] = 0.0
        alike[row] = 0.0
        share = (np.nansum(alike * stands) + AS_MANY * STANDING) / (alike.sum() + AS_MANY)
        told[row] = np.log(share / (1 - share))
    return told
