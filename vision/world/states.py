"""The states of a log's tracks in the world, from what was seen of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import LITTER, ROAD_USERS, STREET_CLASSES, class_ids
from vision.log import Floats, ObservationLog, Track
from vision.places.rest import STANDS
from vision.places.smoothing import Points, Smoothed, agility, smooth
from vision.places.track_motion import Headings, View, foot_std, headings, held, point_covariance, with_systematic
from vision.tables.world import StateTable

GROUNDED: Final = class_ids(ROAD_USERS | LITTER)
_LITTER_IDS: Final = class_ids(LITTER)
_PERSON: Final = class_ids({"person"})
# Velocity at first sight, m/s, and power density of the acceleration, m^2/s^3. Cars in towns drive up to 14 m/s and
# pull away or brake with 1 to 2 m/s^2; people walk at 1.4 m/s (Bohannon, Age and Ageing 1997) and stop within a step.
_DRIVES: Final = (10.0, 2.5)
_MOVES: Final = {"person": (1.5, 0.5), "bicycle": (5.0, 1.0)}
START, WANDER = np.array([_MOVES.get(name, _DRIVES) for name in STREET_CLASSES]).T


def stood(track: Track) -> bool:
    """Whether it is said to have stood whenever it was seen; waste lies, though a few looks cannot tell."""
    return track.at_rest >= STANDS or (track.class_id in _LITTER_IDS and not track.at_rest < STANDS)


@dataclass(frozen=True, slots=True)
class Motions:
    """Smoothed motion of all tracks of a log whose place is known at some time.

    Attributes:
        tracks, stood: (T,) and whether each is said to have stood.
        first: (T,) row at which each track begins; a track's rows are together and in order of time.
        rows: (N,) of the observation table. view: from where each was seen.
    """

    tracks: tuple[Track, ...]
    stood: NDArray[np.bool_]
    first: NDArray[np.intp]
    rows: NDArray[np.intp]
    view: View
    smoothed: Smoothed

    @property
    def last(self) -> NDArray[np.intp]:
        """(T,) row at which each track ends."""
        return np.append(self.first[1:], len(self.rows))[: len(self.first)] - 1

    def of_rows(self, per_track: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(N,) what is said of each row's track."""
        return np.repeat(per_track, self.last - self.first + 1)


def motions(log: ObservationLog) -> Motions:
    """How the log's road users and waste move. Pure."""
    tracks = tuple(track for track in log.each_track(GROUNDED) if np.isfinite(track.local).any())
    rows = np.concatenate([np.zeros(0, np.intp), *(track.rows for track in tracks)])
    length = np.array([len(track.rows) for track in tracks], np.intp)
    first, stands = np.cumsum(length) - length, np.array([stood(track) for track in tracks], bool)
    class_id, view = np.array([track.class_id for track in tracks], np.intp), _view(log, rows)
    smoothed = smooth(_points(log, rows, first, view), agility(START[class_id], WANDER[class_id], stands))
    smoothed = with_systematic(smoothed, view, np.repeat(stands, length))
    return Motions(tracks, stands, first, rows, view, smoothed)


def state_table(log: ObservationLog, moved: Motions) -> StateTable:
    """How the log's tracks move, one row per track and frame. `moved`: `motions` of the log. Pure."""
    ways = headings(moved.smoothed, moved.of_rows(moved.stood))
    rolled = held(ways, moved.first)
    wheeled = moved.of_rows(np.array([track.class_id not in _PERSON | _LITTER_IDS for track in moved.tracks], bool))
    ways = Headings(np.where(wheeled, rolled.angle, ways.angle), np.where(wheeled, rolled.std, ways.std))
    return _table(log, moved, ways)


def _view(log: ObservationLog, rows: NDArray[np.intp]) -> View:
    seen, frame = log.observations, log.observations.frame[rows]
    heading, forward, left = log.frames.heading_rad[frame], seen.forward_m[rows], seen.left_m[rows]
    sight = heading + np.arctan2(left, forward)
    return View(heading, log.frames.speed_mps[frame], sight, np.hypot(forward, left), log.meta.ground_camera)


def _points(log: ObservationLog, rows: NDArray[np.intp], first: NDArray[np.intp], view: View) -> Points:
    seen = log.observations
    covariance = point_covariance(seen.boxes[rows], view)
    return Points(first, seen.time_s[rows], np.stack([seen.x_m[rows], seen.y_m[rows]], axis=1), covariance)


def _table(log: ObservationLog, moved: Motions, ways: Headings) -> StateTable:
    seen, rows, smoothed, view = log.observations, moved.rows, moved.smoothed, moved.view
    mean = smoothed.mean
    std = np.hypot(_deviation(smoothed, slice(0, 2)), _shared_std(log, rows, view))
    order = np.lexsort((seen.track[rows], seen.frame[rows]))
    rows, mean = rows[order], mean[order]
    return StateTable(
        seen.frame[rows],
        seen.time_s[rows],
        seen.track[rows],
        mean[:, 0],
        mean[:, 1],
        _coarse(std[order]),
        _coarse(mean[:, 2]),
        _coarse(mean[:, 3]),
        _coarse(_deviation(smoothed, slice(2, 4))[order]),
        _coarse(ways.angle[order]),
        _coarse(ways.std[order]),
    )


def _shared_std(log: ObservationLog, rows: NDArray[np.intp], view: View) -> Floats:
    """(N,) of what all sightings of a track are wrong by together; 0 where a place is not known."""
    boxes = log.observations.boxes[rows]
    own = foot_std(view.away_m, (boxes[:, 3] - boxes[:, 1]).astype(float), view.camera)
    return np.sqrt(np.maximum(np.nan_to_num(log.observations.std_m[rows] ** 2 - own**2), 0.0))


def _deviation(smoothed: Smoothed, axes: slice) -> Floats:
    """(N,) standard uncertainty of a point or velocity in the plane: both axes together."""
    return np.asarray(np.sqrt(np.trace(smoothed.covariance[:, axes, axes], axis1=1, axis2=2)))


def _coarse(values: Floats) -> NDArray[np.float32]:
    return values.astype(np.float32)
