"""What all sightings of a track tell together: what it is, whether it stood, where it was; and which are one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.appearance.descriptors import Descriptors
from vision.log import Floats, FrameTable, LogMeta, ObservationLog, ObservationTable, TrackTable
from vision.motion.egomotion import EgoMotion, to_local_frame, way_m
from vision.places.lanes import beside, lane_odds
from vision.places.ranging import Ranges, by_foot, ranges
from vision.places.rest import STANDS, Motion, Stretches, motion_of, stretches_of
from vision.places.shared_error import shared_error
from vision.places.sighted import Places, places, track_path
from vision.places.track_path import TrackPath
from vision.signals.voting import SignalSettings, signal_table
from vision.tracking.both_ways import confirmed, parted
from vision.tracking.sightings import LIGHT, VEHICLE, Sightings, voted_class
from vision.tracking.tracker import TrackingSettings
from vision.world.bodies import appearances
from vision.world.rejoin import joined, same_things
from vision.world.states import Motions, motions
from vision.world.trails import Trail, Trails, end_look, trails_of


@dataclass(frozen=True, slots=True)
class _Seen:
    """One track: of which class it is and where it was seen."""

    sightings: Sightings
    class_id: int
    path: TrackPath


@dataclass(frozen=True, slots=True)
class _Told:
    """One track: of which class it is, how it moves and where it was, by all its sightings and those of others."""

    sightings: Sightings
    class_id: int
    speed_mps: float
    at_rest: float
    places: Places


@dataclass(frozen=True, slots=True)
class ToldTracks:
    """`log`: frames, observations and tracks. `moved`: how these move. `looks`: (T, APPEARANCE_SIZE) of them."""

    sightings: list[Sightings]
    log: ObservationLog
    moved: Motions
    looks: NDArray[np.float16]


def told_tracks(
    tracks: list[Sightings],
    backwards: list[Sightings],
    frames: FrameTable,
    reckoned: EgoMotion,
    meta: LogMeta,
    descriptors: Descriptors,
    looks: NDArray[np.float32],
    settings: TrackingSettings,
) -> ToldTracks:
    """What is known of tracks, those of several things parted and the pieces of one thing made one.

    Args:
        descriptors, looks: of what was detected, and the same as by `looks_of`.
    """
    pieces = parted(tracks, backwards, frames.time_s)
    seen = [_seen(one, frames.time_s, reckoned, meta) for one in pieces.tracks]
    pairs = same_things(_trails(seen, frames, reckoned, meta, looks), pieces.links)
    known = {id(each.sightings): each for each in seen}
    whole = confirmed(joined(pieces.tracks, pairs), settings)
    seen = [known.get(id(one)) or _seen(one, frames.time_s, reckoned, meta) for one in whole]
    return _together(_told(seen, frames, reckoned, meta), frames, meta, descriptors)


def _trails(
    seen: Sequence[_Seen], frames: FrameTable, reckoned: EgoMotion, meta: LogMeta, looks: NDArray[np.float32]
) -> Trails:
    way, scene, trails = way_m(reckoned), np.cumsum(frames.cut), []
    for each in seen:
        one, at = each.sightings, each.sightings.frame
        begins, ends = (end_look(one, looks, last) for last in (False, True))
        trails.append(Trail(each.class_id, one.group, int(scene[at[0]]), way[at], each.path, begins, ends))
    return trails_of(trails, meta)


def _seen(one: Sightings, frame_s: Floats, reckoned: EgoMotion, meta: LogMeta) -> _Seen:
    return _Seen(one, voted_class(one), track_path(one, frame_s, reckoned, meta))


def _told(seen: Sequence[_Seen], frames: FrameTable, reckoned: EgoMotion, meta: LogMeta) -> list[_Told]:
    stretches = [_stretches(one, meta) for one in seen]
    vehicles = [each for one, each in zip(seen, stretches, strict=True) if one.sightings.group == VEHICLE]
    error = shared_error([each.passing for each in vehicles if each is not None])
    motions = [Motion(np.nan, np.nan) if each is None else motion_of(each, error) for each in stretches]
    told = []
    for one, motion, others in zip(seen, motions, _by_others(seen, motions, frames, reckoned), strict=True):
        at_rest = motion.at_rest(others)
        ranged = _ranges(one.path, one.class_id, at_rest, meta)
        placed = places(one.path, one.sightings.class_id, ranged, meta)
        told.append(_Told(one.sightings, one.class_id, motion.speed_mps, at_rest, placed))
    return told


def _stretches(one: _Seen, meta: LogMeta) -> Stretches | None:
    """How it seems to move; None for what hangs."""
    if one.sightings.group == LIGHT:
        return None
    return stretches_of(one.path, one.class_id, meta.ground_camera, (meta.width, meta.height))


def _by_others(seen: Sequence[_Seen], motions: Sequence[Motion], frames: FrameTable, reckoned: EgoMotion) -> Floats:
    """(N,) `lane_odds` of vehicles; 0 of anything else."""
    way, scene, odds = way_m(reckoned), np.cumsum(frames.cut), np.zeros(len(seen))
    vehicles = np.flatnonzero([one.sightings.group == VEHICLE for one in seen]).tolist()
    looked = [(seen[row].path, seen[row].sightings.frame) for row in vehicles]
    where = [beside(path, way[frame], int(scene[frame[0]])) for path, frame in looked]
    odds[vehicles] = lane_odds(where, np.array([motions[row].odds for row in vehicles], float))
    return odds


def _together(told: list[_Told], frames: FrameTable, meta: LogMeta, descriptors: Descriptors) -> ToldTracks:
    tracks, table = [each.sightings for each in told], _tracks(told, frames.time_s)
    observations = _observations(told, frames)
    log = ObservationLog(meta, frames, observations, table, signal_table([], SignalSettings()))
    return ToldTracks(tracks, log, motions(log), appearances(tracks, descriptors))


def _ranges(path: TrackPath, class_id: int, at_rest: float, meta: LogMeta) -> Ranges:
    # From a pole things are seen from above: how tall they appear is not how tall they are.
    if meta.mounting == "fixed":
        return by_foot(path, meta.ground_camera)
    # Of waste that a few looks cannot tell to lie still, rules ask whether these agree.
    return ranges(path, class_id, at_rest >= STANDS, meta.ground_camera, (meta.width, meta.height))


def _observations(told: list[_Told], frames: FrameTable) -> ObservationTable:
    tracks = [each.sightings for each in told]
    frame = np.concatenate([np.zeros(0, np.int32), *(one.frame for one in tracks)])
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(one.boxes for one in tracks)])
    ids = np.repeat(np.arange(1, len(tracks) + 1, dtype=np.int32), [len(one.frame) for one in tracks])
    hanging = np.repeat([one.group == LIGHT for one in tracks], [len(one.frame) for one in tracks]).astype(bool)
    forward, left, std = (
        np.where(hanging, np.nan, np.concatenate([np.zeros(0), *(getattr(each.places, column) for each in told)]))
        for column in ("forward", "left", "std")
    )
    x, y = to_local_frame(frames.x_m[frame], frames.y_m[frame], frames.heading_rad[frame], forward, left)
    order = np.lexsort((ids, frame))
    return ObservationTable(
        frame[order],
        frames.time_s[frame][order],
        ids[order],
        np.concatenate([np.zeros(0, "<U5"), *(one.look for one in tracks)])[order],
        np.concatenate([np.zeros(0, np.int16), *(one.class_id for one in tracks)])[order],
        np.concatenate([np.zeros(0, np.float32), *(one.confidence for one in tracks)])[order],
        boxes[order],
        forward[order],
        left[order],
        x[order],
        y[order],
        std[order],
    )


def _tracks(told: list[_Told], frame_s: Floats) -> TrackTable:
    tracks = [each.sightings for each in told]
    return TrackTable(
        np.arange(1, len(tracks) + 1, dtype=np.int32),
        np.array([each.class_id for each in told], np.int16),
        np.array([frame_s[one.frame[0]] for one in tracks], np.float64),
        np.array([frame_s[one.frame[-1]] for one in tracks], np.float64),
        np.array([len(one.frame) for one in tracks], np.int32),
        np.array([np.mean(np.sort(one.confidence)[-5:]) for one in tracks], np.float32),
        np.array([each.at_rest for each in told], np.float64),
        np.array([each.speed_mps for each in told], np.float64),
    )
