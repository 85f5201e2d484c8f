"""The observation log: all that was perceived in a video, answerable without its pixels.

Frames of reference
    image    pixels, x right, y down, native resolution of the video after rotation
    ground   metres, x forward, y left, origin on the road below the camera (ISO 8855)
    local    metres; east / north of `LogMeta.origin` when the drive is georeferenced, otherwise an arbitrary
             frame that starts at (0, 0) looking along +x
    time     seconds. In the log of one file: container PTS. In a stitched log of a drive: seconds since the
             first frame of its first file; `ObservationLog.locate` leads back to file and PTS.

Unknown numbers are NaN. Tables are structs of equally long arrays, sorted by time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from vision.lens import Lens
from vision.tables.coverage import CoverageTable
from vision.tables.heads import HeadTable
from vision.tables.markings import MarkingTable
from vision.tables.pace import PaceTable
from vision.tables.quality import QualityTable
from vision.tables.world import BodyTable, StateTable

SCHEMA_VERSION = 3

# As uncertain are a measured camera's focal length times height, and its horizon (radians; no road is flat).
SCALE_STD: Final = 0.05
PITCH_STD: Final = 0.0087

Floats = NDArray[np.float64]
Mounting = Literal["fixed", "moving"]
LampState = Literal[
    "red", "yellow", "green", "red_yellow", "off", "flashing_red", "flashing_yellow", "flashing_green", "unknown"
]
ClockSource = Literal["manual", "gps", "container", "filename", "unknown"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall clock of a video.

    Attributes:
        utc_at_zero: UTC at time 0 of the log; None when nothing tells.
        uncertainty_s: half width of the interval in which the true time surely lies.
        zone: IANA zone of the place, e.g. "Asia/Shanghai"; None when the place is unknown.
        note: the hypotheses that were weighed, in words.
    """

    utc_at_zero: datetime | None
    uncertainty_s: float
    source: ClockSource
    zone: str | None = None
    note: str = ""

    def utc(self, time_s: float) -> datetime | None:
        return None if self.utc_at_zero is None else self.utc_at_zero + timedelta(seconds=float(time_s))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One video file of a log. `start_s` is the log time of the file's PTS 0; `first_s`..`last_s` is the log
    time of its first and last decoded frame; `damage` says why decoding ended early, else None.
    """

    name: str
    sha256: str
    size_bytes: int
    start_s: float
    first_s: float
    last_s: float
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class GroundCamera:
    """A camera over a flat road: a level pinhole, or a lens that is straightened to one point by point.

    Attributes:
        focal_px: focal length in pixels of the native picture.
        centre_x, horizon_y: column of the optical axis and row of the horizon there, native pixels.
        height_m: camera height above the road.
        sources: where the numbers come from, what was found last at the end, e.g. "site file", "traffic", "GPS".
        lens: distortion and roll; None for a pinhole that is level, or nearly so.
        scale_std: relative uncertainty of focal length times height, with which all distances go.
        pitch_std: radians, of the horizon against the road under what is seen: of half a degree is no road flat.
    """

    focal_px: float
    centre_x: float
    horizon_y: float
    height_m: float
    sources: tuple[str, ...]
    lens: Lens | None = None
    scale_std: float = SCALE_STD
    pitch_std: float = PITCH_STD

    def level(self, points: Floats) -> Floats:
        """(N, 2) pixels of the level pinhole that sees the same as these native pixels; NaN where there are none."""
        if self.lens is None:
            return points
        return self.lens.level(points, self.focal_px, self.centre_x, self.horizon_y)

    def level_rows(self, boxes: Floats) -> Floats:
        """(N, 2) rows of the upper and lower edges of native boxes, at their middle, in that level pinhole."""
        middle = (boxes[:, 0] + boxes[:, 2]) / 2
        return np.stack([self.level(np.stack([middle, boxes[:, row]], axis=1))[:, 1] for row in (1, 3)], axis=1)

    def native(self, points: Floats) -> Floats:
        """The reverse of `level`."""
        if self.lens is None:
            return points
        return self.lens.native(points, self.focal_px, self.centre_x, self.horizon_y)

    def to_ground(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Road points (forward, left) in metres seen at pixels; NaN at and above the horizon."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        if self.lens is not None:
            x, y = _by_points(self.level, x, y)
        below = np.where(y - self.horizon_y > 0.5, y - self.horizon_y, np.nan)
        forward = self.focal_px * self.height_m / below
        return forward, -(x - self.centre_x) * forward / self.focal_px

    def to_image(self, forward: Floats, left: Floats) -> tuple[Floats, Floats]:
        """Pixels of road points in metres; NaN at and behind the camera, and where its lens does not reach."""
        ahead = np.where(np.asarray(forward) > 0.1, np.asarray(forward, float), np.nan)
        x = self.centre_x - self.focal_px * np.asarray(left, float) / ahead
        y = self.horizon_y + self.focal_px * self.height_m / ahead
        return (x, y) if self.lens is None else _by_points(self.native, x, y)

    def distance_std(self, forward: Floats, pixels: Floats) -> Floats:
        """Standard uncertainty of distances in metres, for rows that are read to `pixels`."""
        per_radian = forward**2 / self.height_m  # a distance is height / angle below the horizon
        angle = np.hypot(pixels / self.focal_px, self.pitch_std)
        return np.asarray(np.hypot(per_radian * angle, self.scale_std * forward))


def _by_points(change: Callable[[Floats], Floats], x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """What becomes of the points (x, y), of any one shape, under a function of (N, 2) points."""
    x, y = np.broadcast_arrays(x, y)
    changed = change(np.stack([x.ravel(), y.ravel()], axis=1))
    return changed[:, 0].reshape(x.shape), changed[:, 1].reshape(x.shape)


@dataclass(frozen=True, slots=True)
class LogMeta:
    """What a log says of itself.

    Attributes:
        files: the videos it was made of, in order (one, unless stitched).
        width, height: native picture size in pixels.
        origin: lon, lat (WGS 84) of the local frame's origin; None when not georeferenced.
        model: `Detector.model_id`. config_sha256: hash of all that shapes the log beside the video.
    """

    files: tuple[SourceFile, ...]
    width: int
    height: int
    camera: str
    mounting: Mounting
    clock: Clock
    ground_camera: GroundCamera
    origin: tuple[float, float] | None
    model: str
    config_sha256: str
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class FrameTable:
    """Frames that were looked at (not every decoded frame).

    `x_m, y_m, heading_rad`: pose of the camera in the local frame (heading counterclockwise from +x).
    `speed_mps` >= 0; `standing`: the camera itself stands; `cut`: the scene before this frame is another one
    (hard cut): nothing may be carried over it. `lon, lat, accuracy_m`: WGS 84, NaN without GPS.
    """

    time_s: Floats
    x_m: Floats
    y_m: Floats
    heading_rad: Floats
    speed_mps: Floats
    standing: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    lon: Floats
    lat: Floats
    accuracy_m: Floats


@dataclass(frozen=True, slots=True)
class ObservationTable:
    """Confirmed tracks' detections, one row per track and look.

    `frame`: row in `FrameTable`. `track`: id >= 1, unique in the log. `look`: "wide", "road" or "light".
    `class_id`: of this very detection (a light's track changes class with its lamp).
    `forward_m, left_m`: ground point of the box's bottom centre; `x_m, y_m`: the same point in the local
    frame, `std_m` its standard uncertainty. NaN for lights.
    """

    frame: NDArray[np.int32]
    time_s: Floats
    track: NDArray[np.int32]
    look: NDArray[np.str_]
    class_id: NDArray[np.int16]
    confidence: NDArray[np.float32]
    boxes: NDArray[np.float32]  # (N, 4) x1 y1 x2 y2, native pixels
    forward_m: Floats
    left_m: Floats
    x_m: Floats
    y_m: Floats
    std_m: Floats


@dataclass(frozen=True, slots=True)
class TrackTable:
    """One row per confirmed track. `class_id`: voted; for lights the id of the most frequent state.
    `at_rest`: probability 0..1 that the thing stood in the world whenever it was seen, NaN where it cannot
    be told. `speed_mps`: median speed over ground, NaN unknown.
    """

    track: NDArray[np.int32]
    class_id: NDArray[np.int16]
    first_s: Floats
    last_s: Floats
    hits: NDArray[np.int32]
    confidence: NDArray[np.float32]
    at_rest: Floats
    speed_mps: Floats


@dataclass(frozen=True, slots=True)
class SignalTable:
    """Lamp states told from all looks: while `first_s <= t <= last_s` the head `track` surely showed `state`, a
    `LampState`. The change to the next state happened somewhere between this row's `last_s` and the next row's
    `first_s`. `confidence`: that it is a head and showed this.
    """

    track: NDArray[np.int32]
    state: NDArray[np.str_]
    first_s: Floats
    last_s: Floats
    confidence: Floats


@dataclass(frozen=True, slots=True)
class Track:
    """One track's rows, a view for rules: arrays are equally long and sorted by time, and hold one row per
    frame (the most confident look wins).
    """

    track: int
    class_id: int
    at_rest: float
    speed_mps: float
    rows: NDArray[np.intp]
    observations: ObservationTable

    @property
    def time_s(self) -> Floats:
        return self.observations.time_s[self.rows]

    @property
    def boxes(self) -> NDArray[np.float32]:
        return self.observations.boxes[self.rows]

    @property
    def confidence(self) -> NDArray[np.float32]:
        return self.observations.confidence[self.rows]

    @property
    def ground(self) -> Floats:
        """(N, 2) forward, left in metres."""
        return np.stack([self.observations.forward_m[self.rows], self.observations.left_m[self.rows]], axis=1)

    @property
    def local(self) -> Floats:
        """(N, 2) x, y in the local frame, metres."""
        return np.stack([self.observations.x_m[self.rows], self.observations.y_m[self.rows]], axis=1)

    @property
    def std_m(self) -> Floats:
        return self.observations.std_m[self.rows]


@dataclass(frozen=True)
class ObservationLog:
    meta: LogMeta
    frames: FrameTable
    observations: ObservationTable
    tracks: TrackTable
    signals: SignalTable
    quality: QualityTable = field(default_factory=QualityTable.empty)
    coverage: CoverageTable = field(default_factory=CoverageTable.empty)
    states: StateTable = field(default_factory=StateTable.empty)
    bodies: BodyTable = field(default_factory=BodyTable.empty)
    markings: MarkingTable = field(default_factory=MarkingTable.empty)
    heads: HeadTable = field(default_factory=HeadTable.empty)
    pace: PaceTable = field(default_factory=PaceTable.empty)

    def locate(self, time_s: float) -> tuple[SourceFile, float]:
        """The file that shows log time `time_s`, and its container PTS there in seconds."""
        current = self.meta.files[0]
        for file in self.meta.files:
            if file.first_s <= time_s + 1e-6:
                current = file
        return current, time_s - current.start_s

    @cached_property
    def _rows_of_track(self) -> dict[int, NDArray[np.intp]]:
        observed = self.observations
        order = np.lexsort((-observed.confidence, observed.time_s, observed.track))
        keys = np.stack([observed.track[order], observed.frame[order]], axis=1)
        first = np.ones(len(order), bool)
        first[1:] = np.any(keys[1:] != keys[:-1], axis=1)
        order = order[first]
        tracks, starts = np.unique(observed.track[order], return_index=True)
        return dict(zip(tracks.tolist(), np.split(order, starts[1:]), strict=True))

    def each_track(self, classes: frozenset[int] | None = None) -> Iterator[Track]:
        """Confirmed tracks, those of `classes` (voted class ids) or all."""
        table = self.tracks
        for row, track in enumerate(table.track.tolist()):
            if classes is None or int(table.class_id[row]) in classes:
                yield Track(
                    track,
                    int(table.class_id[row]),
                    float(table.at_rest[row]),
                    float(table.speed_mps[row]),
                    self._rows_of_track[track],
                    self.observations,
                )
