"""What a log's tracks are like: extent and appearance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import STREET_CLASSES
from vision.appearance.descriptors import Descriptors, typical_of
from vision.log import Floats, GroundCamera, ObservationLog, Track
from vision.overlap import whole
from vision.places.rest import BORDER_PX
from vision.places.track_motion import Headings
from vision.sizes import TYPICAL
from vision.tables.world import APPEARANCE_SIZE, BodyTable
from vision.tracking.sightings import Sightings
from vision.world.extent import Extent, Profile, extent_of
from vision.world.states import GROUNDED

_UNKNOWN: Final = Extent(np.full(3, np.nan), np.full(3, np.nan))


def body_table(log: ObservationLog, looks: NDArray[np.float16]) -> BodyTable:
    """One row per track of the log that stands on the road, by its states. Pure.

    Args:
        looks: (T, APPEARANCE_SIZE) of the tracks of `log.tracks`.
    """
    tracks = list(log.each_track(GROUNDED))
    if not tracks:
        return BodyTable.empty()
    ways = _headings_of_rows(log)
    found = [_extent(each, log, Headings(ways.angle[each.rows], ways.std[each.rows])) for each in tracks]
    sizes = np.array([each.size for each in found], np.float32)
    stds = np.array([each.std for each in found], np.float32)
    ids = np.array([track.track for track in tracks], np.int32)
    return BodyTable(
        ids,
        sizes[:, 0],
        stds[:, 0],
        sizes[:, 1],
        stds[:, 1],
        sizes[:, 2],
        stds[:, 2],
        looks[np.searchsorted(log.tracks.track, ids)],
    )


def appearances(tracks: Sequence[Sightings], descriptors: Descriptors) -> NDArray[np.float16]:
    """(T, APPEARANCE_SIZE) of tracks; NaN of those that were never described."""
    described = [one.described[one.described >= 0] for one in tracks]
    typical = [typical_of(descriptors.vectors[part], descriptors.boxes[part]) for part in described]
    return np.array(typical, np.float16).reshape(-1, APPEARANCE_SIZE)


def _extent(track: Track, log: ObservationLog, heading: Headings) -> Extent:
    """`heading`: (N,) of the track's rows."""
    typical = TYPICAL.get(STREET_CLASSES[track.class_id])
    if typical is None:
        return _UNKNOWN
    forward, left = track.ground.T
    seen = np.isfinite(forward) & whole(track.boxes, (log.meta.width, log.meta.height), BORDER_PX)
    told = seen & np.isfinite(heading.angle)
    rows = told if told.any() else seen
    sight = log.frames.heading_rad[track.observations.frame[track.rows]] + np.arctan2(left, forward)
    angle = np.where(told, heading.angle, 0.0) - sight
    pixels = _sides(track.boxes[rows].astype(float), log.meta.ground_camera)
    metres = pixels * (forward[rows] / log.meta.ground_camera.focal_px)[:, None]
    axis_std = float(np.median(heading.std[told])) if told.any() else np.inf
    away = np.hypot(forward, left)[rows]
    return extent_of(Profile(metres[:, 0], metres[:, 1], pixels, away, angle[rows], axis_std), typical)


def _sides(boxes: Floats, camera: GroundCamera) -> Floats:
    """(N, 2) width along the lower edge and height of boxes, pixels of a level pinhole."""
    x1, y1, x2, y2 = boxes.T
    left, right = (camera.level(np.stack([x, y2], axis=1)) for x in (x1, x2))
    top = camera.level(np.stack([(x1 + x2) / 2, y1], axis=1))
    return np.stack([right[:, 0] - left[:, 0], (left[:, 1] + right[:, 1]) / 2 - top[:, 1]], axis=1)


def _headings_of_rows(log: ObservationLog) -> Headings:
    """The heading at each row of the observation table by the states."""
    seen, states = log.observations, log.states
    tracks = int(max(seen.track.max(initial=0), states.track.max(initial=0))) + 1
    key = states.frame.astype(np.int64) * tracks + states.track
    wanted = seen.frame.astype(np.int64) * tracks + seen.track
    place = np.searchsorted(key, wanted).clip(0, max(len(key) - 1, 0))
    found = Headings(np.full(len(wanted), np.nan), np.full(len(wanted), np.nan))
    if len(key):
        same = key[place] == wanted
        found.angle[same], found.std[same] = states.heading_rad[place[same]], states.heading_std_rad[place[same]]
    return found
