"""One log for a drive: the logs of one camera's consecutive files on one clock, in one local frame."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.taxonomy import LITTER, class_ids
from vision.geodesy import to_local
from vision.log import Clock, Floats, FrameTable, ObservationLog, ObservationTable, SignalTable, Track, TrackTable
from vision.overlap import iou
from vision.quality.shift import with_shifts
from vision.tables.coverage import CoverageTable
from vision.tables.heads import HeadTable
from vision.tables.markings import MarkingTable
from vision.tables.pace import PaceTable
from vision.tables.quality import QualityTable
from vision.tables.world import BodyTable, StateTable
from vision.tracking.sightings import GROUP_OF
from vision.world.states import motions, state_table

TIMES: Final = ("time_s", "first_s", "last_s")  # columns
# A dashcam starts the next file without a pause or within this time; clocks read from names are whole seconds.
CONTIGUOUS_S: Final = 3.0
CARRY_S: Final = 2.0  # a track that ended longer before a file's end is not looked for in the next file
SAME_PLACE_M: Final = 2.5
SAME_BOX_IOU: Final = 0.3

Table = TypeVar(
    "Table", FrameTable, ObservationTable, TrackTable, SignalTable,
    QualityTable, CoverageTable, BodyTable, MarkingTable, HeadTable, PaceTable,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Motion:
    """A plane motion: rotate by `turn` radians, then shift by (x, y) metres."""

    turn: float
    x: float
    y: float

    def points(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return cos * x - sin * y + self.x, sin * x + cos * y + self.y


def stitch(logs: Sequence[ObservationLog]) -> ObservationLog:
    """Chain the logs of consecutive files of one camera, in order of time.

    Times become seconds since the first frame of the first file, track ids are renumbered, and a track that
    crosses a file's end goes on under its first id.

    Raises:
        ValueError: no logs, or pictures of different size (another camera).
    """
    if not logs:
        raise ValueError("a drive needs at least one log")
    if len({(log.meta.width, log.meta.height) for log in logs}) > 1:
        raise ValueError("the files of a drive must have one picture size")
    drive = _shifted(logs[0], -logs[0].meta.files[0].first_s)
    for log in logs[1:]:
        drive = _append(drive, log)
    drive = replace(drive, states=state_table(drive, motions(drive)))
    if drive.meta.mounting == "fixed":  # each file's picture is compared with its own first one
        return drive
    return replace(drive, quality=with_shifts(drive.quality, drive.meta.width, drive.meta.mounting))


def _append(drive: ObservationLog, log: ObservationLog) -> ObservationLog:
    start, contiguous = _start_of(drive, log)
    moved = _shifted(log, start - log.meta.files[0].first_s)
    moved = _moved(moved, _motion_into(drive, moved))
    moved = _renumbered(moved, drive)
    if contiguous:
        same = _continued(drive, moved)
    else:
        same = np.zeros((0, 2), np.int32)
        moved.frames.cut[:1] = True
    return _joined(drive, moved, same)


def _start_of(drive: ObservationLog, log: ObservationLog) -> tuple[float, bool]:
    """Drive time of the log's first frame, and whether the recording went on without a pause."""
    times = drive.frames.time_s
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    follows = drive.meta.files[-1].last_s + step
    ours, theirs = drive.meta.clock.utc_at_zero, log.meta.clock.utc_at_zero
    if ours is None or theirs is None:
        return follows, True
    by_clock = (theirs - ours).total_seconds() + log.meta.files[0].first_s
    doubt = max(CONTIGUOUS_S, drive.meta.clock.uncertainty_s + log.meta.clock.uncertainty_s)
    if by_clock - follows <= doubt:
        return follows, True
    return by_clock, False


def _shifted(log: ObservationLog, seconds: float) -> ObservationLog:
    """The same log with its clock moved."""

    def later(file_time: float) -> float:
        return file_time + seconds

    files = tuple(
        replace(f, start_s=later(f.start_s), first_s=later(f.first_s), last_s=later(f.last_s)) for f in log.meta.files
    )
    tables = (spec.name for spec in fields(log) if spec.name not in ("meta", "states"))
    moved = {name: _raised(getattr(log, name), dict.fromkeys(TIMES, seconds)) for name in tables}
    frames = replace(moved.pop("frames"), cut=log.frames.cut.copy())
    meta = replace(log.meta, files=files, clock=_clock_shifted(log.meta.clock, seconds))
    return replace(log, meta=meta, frames=frames, states=StateTable.empty(), **moved)


def _raised(table: Any, by: Mapping[str, float | np.int32]) -> Any:
    """A table with something added to those of its columns that are named."""
    known = {spec.name for spec in fields(table)} & by.keys()
    return replace(table, **{name: getattr(table, name) + by[name] for name in known})


def _clock_shifted(clock: Clock, seconds: float) -> Clock:
    if clock.utc_at_zero is None:
        return clock
    return replace(clock, utc_at_zero=clock.utc_at_zero - timedelta(seconds=seconds))


def _motion_into(drive: ObservationLog, log: ObservationLog) -> _Motion:
    """From the log's local frame into the drive's."""
    if drive.meta.origin is not None and log.meta.origin is not None:
        x, y = to_local(drive.meta.origin, np.array([log.meta.origin[0]]), np.array([log.meta.origin[1]]))
        return _Motion(0.0, float(x[0]), float(y[0]))
    if log.meta.mounting == "fixed" or not len(drive.frames.time_s) or not len(log.frames.time_s):
        return _Motion(0.0, 0.0, 0.0)
    return _driven_on(drive.frames, log.frames)


def _driven_on(before: FrameTable, after: FrameTable) -> _Motion:
    """The next file begins where the camera got to, at the speed it had. Where nothing is known of one file's motion,
    the next one's places still hold among themselves.
    """
    end, begin = _last_known(before), _last_known(after, first=True)
    if end is None or begin is None:
        return _Motion(0.0, 0.0, 0.0)
    heading, gap = float(before.heading_rad[end]), float(after.time_s[begin] - before.time_s[end])
    on = float(np.nan_to_num(before.speed_mps[end])) * min(max(gap, 0.0), CONTIGUOUS_S)
    turn = heading - float(after.heading_rad[begin])
    x, y = _Motion(turn, 0.0, 0.0).points(after.x_m[[begin]], after.y_m[[begin]])
    end_x, end_y = before.x_m[end] + on * math.cos(heading), before.y_m[end] + on * math.sin(heading)
    return _Motion(turn, float(end_x - x[0]), float(end_y - y[0]))


def _last_known(frames: FrameTable, first: bool = False) -> int | None:
    """Row of the last (or first) frame whose pose is known."""
    known = np.flatnonzero(np.isfinite(frames.x_m) & np.isfinite(frames.y_m) & np.isfinite(frames.heading_rad))
    return int(known[0 if first else -1]) if len(known) else None


def _moved(log: ObservationLog, motion: _Motion) -> ObservationLog:
    frame_x, frame_y = motion.points(log.frames.x_m, log.frames.y_m)
    x, y = motion.points(log.observations.x_m, log.observations.y_m)
    heading = log.frames.heading_rad + motion.turn
    seen_x, seen_y = motion.points(log.coverage.x_m, log.coverage.y_m)
    return replace(
        log,
        frames=replace(log.frames, x_m=frame_x, y_m=frame_y, heading_rad=heading),
        observations=replace(log.observations, x_m=x, y_m=y),
        coverage=replace(log.coverage, x_m=seen_x, y_m=seen_y, heading_rad=log.coverage.heading_rad + motion.turn),
        markings=_moved_markings(log.markings, motion),
    )


def _moved_markings(table: MarkingTable, motion: _Motion) -> MarkingTable:
    x1, y1 = motion.points(table.x1_m, table.y1_m)
    x2, y2 = motion.points(table.x2_m, table.y2_m)
    return replace(table, x1_m=x1, y1_m=y1, x2_m=x2, y2_m=y2)


def _renumbered(log: ObservationLog, after: ObservationLog) -> ObservationLog:
    """With ids and rows that go on where those of the other log end."""
    frames, tracks = np.int32(len(after.frames.time_s)), after.tracks.track.max(initial=np.int32(0))
    markings = after.markings.marking.max(initial=np.int32(0))
    by = {"track": tracks, "frame": frames, "marking": markings}
    tables = ("observations", "tracks", "signals", "bodies", "heads", "markings")
    return replace(log, **{name: _raised(getattr(log, name), by) for name in tables})


def _continued(drive: ObservationLog, log: ObservationLog) -> NDArray[np.int32]:
    """(N, 2) ids: a track of the drive, and the track of the log that goes on with it."""
    end, begin = drive.meta.files[-1].last_s, log.meta.files[0].first_s
    old = [track for track in drive.each_track() if end - track.time_s[-1] <= CARRY_S]
    new = [track for track in log.each_track() if track.time_s[0] - begin <= CARRY_S]
    if not old or not new:
        return np.zeros((0, 2), np.int32)
    cost = np.array([[_difference(before, after) for after in new] for before in old])
    rows, columns = linear_sum_assignment(cost)
    pairs = [(old[r].track, new[c].track) for r, c in zip(rows, columns, strict=True) if cost[r, c] < 1.0]
    return np.array(pairs, np.int32).reshape(-1, 2)


def _difference(before: Track, after: Track) -> float:
    """0 (surely the same thing) to 1 (not the same)."""
    if GROUP_OF[before.class_id] != GROUP_OF[after.class_id]:
        return 1.0
    overlap = float(iou(_extrapolated(before, float(after.time_s[0])), after.boxes[:1])[0, 0])
    by_picture = 1.0 - overlap if overlap >= SAME_BOX_IOU else 1.0
    apart = float(np.linalg.norm(before.local[-1] - after.local[0]))
    doubt = SAME_PLACE_M + float(np.nan_to_num(before.std_m[-1]) + np.nan_to_num(after.std_m[0])) / 2
    waste = before.class_id in class_ids(LITTER)  # lies, though a few looks cannot tell
    standing = all(track.at_rest > 0.5 or (waste and not track.at_rest < 0.5) for track in (before, after))
    by_place = apart / doubt if standing and apart < doubt else 1.0
    return min(by_picture, by_place)


def _extrapolated(track: Track, time_s: float) -> NDArray[np.float32]:
    """(1, 4) box at a time after the track's end, at the speed of its last second."""
    recent = track.time_s >= track.time_s[-1] - 1.0
    times, boxes = track.time_s[recent], track.boxes[recent]
    if len(times) < 2 or times[-1] <= times[0]:
        return track.boxes[-1:]
    per_second = (boxes[-1] - boxes[0]) / (times[-1] - times[0])
    return np.asarray(boxes[-1:] + per_second * (time_s - times[-1]), np.float32)


def _joined(drive: ObservationLog, log: ObservationLog, same: NDArray[np.int32]) -> ObservationLog:
    renamed = dict(zip(same[:, 1].tolist(), same[:, 0].tolist(), strict=True))

    def first_id(ids: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.array([renamed.get(track, track) for track in ids.tolist()], np.int32)

    seen = replace(log.observations, track=first_id(log.observations.track))
    signals = replace(log.signals, track=first_id(log.signals.track))
    tracks = replace(log.tracks, track=first_id(log.tracks.track))
    bodies = replace(log.bodies, track=first_id(log.bodies.track))
    heads = replace(log.heads, track=first_id(log.heads.track))
    return ObservationLog(
        replace(drive.meta, files=drive.meta.files + log.meta.files),
        _chained(drive.frames, log.frames),
        _chained(drive.observations, seen),
        _merged_tracks(_chained(drive.tracks, tracks)),
        _merged_signals(_chained(drive.signals, signals)),
        _chained(drive.quality, log.quality),
        _chained(drive.coverage, log.coverage),
        bodies=_merged_bodies(_chained(drive.bodies, bodies)),
        markings=_chained(drive.markings, log.markings),
        heads=_merged_heads(_chained(drive.heads, heads)),
        pace=_chained(drive.pace, log.pace),
    )


def _chained(first: Table, second: Table) -> Table:
    return type(first)(
        *(np.concatenate([getattr(first, spec.name), getattr(second, spec.name)]) for spec in fields(first))
    )


def _picked(table: Table, rows: NDArray[Any]) -> Table:
    return type(table)(*(getattr(table, spec.name)[rows] for spec in fields(table)))


def _merged_tracks(table: TrackTable) -> TrackTable:
    """One row per id: the class with more hits; at rest only if both parts were."""
    _, first, inverse = np.unique(table.track, return_index=True, return_inverse=True)
    merged = _picked(table, first)
    for row in np.setdiff1d(np.arange(len(table.track)), first).tolist():
        into = int(inverse[row])
        ours, theirs = int(merged.hits[into]), int(table.hits[row])
        if theirs > ours:
            merged.class_id[into] = table.class_id[row]
        merged.hits[into] = ours + theirs
        merged.last_s[into] = table.last_s[row]
        merged.confidence[into] = max(merged.confidence[into], table.confidence[row])
        merged.at_rest[into] = np.fmin(merged.at_rest[into], table.at_rest[row])
        merged.speed_mps[into] = _weighted(float(merged.speed_mps[into]), ours, float(table.speed_mps[row]), theirs)
    return merged


def _merged_heads(table: HeadTable) -> HeadTable:
    """One row per id: of the part that shows it nearer."""
    order = np.lexsort((table.distance_m, table.track))
    _, best = np.unique(table.track[order], return_index=True)
    return _picked(table, order[best])


def _merged_bodies(table: BodyTable) -> BodyTable:
    """One row per id: of the part whose size is known better."""
    order = np.lexsort((np.nan_to_num(table.length_std_m, nan=np.inf), table.track))
    _, best = np.unique(table.track[order], return_index=True)
    return _picked(table, order[best])


def _weighted(first: float, hits: int, second: float, more_hits: int) -> float:
    if math.isnan(first) or math.isnan(second):
        return second if math.isnan(first) else first
    return (first * hits + second * more_hits) / (hits + more_hits)


def _merged_signals(table: SignalTable) -> SignalTable:
    """Rows of one head in order of time; an interval that goes on across a file's end is one."""
    if not len(table.track):
        return table
    table = _picked(table, np.lexsort((table.first_s, table.track)))
    goes_on = np.zeros(len(table.track), bool)
    goes_on[1:] = (
        (table.track[1:] == table.track[:-1])
        & (table.state[1:] == table.state[:-1])
        & (table.first_s[1:] - table.last_s[:-1] <= CARRY_S)
    )
    starts = np.flatnonzero(~goes_on)
    merged = _picked(table, starts)
    ends = np.append(starts[1:], len(table.track)) - 1
    return replace(merged, last_s=table.last_s[ends])
