"""What a log says of one moment, between its looks, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.taxonomy import LIGHTS, STREET_CLASSES, class_ids
from pipelines.evidence.carry import Carried
from pipelines.motion import smooth
from vision.log import Floats, ObservationLog, Track

BEYOND_S: Final = 0.1  # a track is shown that long before its first and after its last sighting
FRESH_S: Final = 0.12  # a sighting this near in time is one of this moment: looks are up to 0.2 s apart
TRAIL_S: Final = 3.0
RATE_OVER_S: Final = 0.5
NOWHERE: Final = np.full(2, np.nan)


@dataclass(frozen=True, slots=True)
class Sight:
    """A track at a moment.

    Attributes:
        box: (4,) native pixels. fresh: seen now; otherwise carried between two sightings.
        place, motion: (2,) forward, left in metres and metres per second over ground, NaN where unknown.
        trail: (N, 2) forward, left of the last seconds as seen from where the camera is now, oldest first.
        speed_mps, at_rest, confidence: of the whole track, as the log has them.
        state: of a signal head, as voted ("unknown" between two states); empty for anything else.
    """

    track: int
    name: str
    box: NDArray[np.float64]
    fresh: bool
    place: Floats
    motion: Floats
    trail: Floats
    speed_mps: float
    at_rest: float
    confidence: float
    state: str = ""

    @property
    def distance_m(self) -> float:
        return float(np.hypot(*self.place))


@dataclass(frozen=True, slots=True)
class Instant:
    """`frame`: row of the nearest frame that was looked at. `looks`: confirmed detections in it by kind of look."""

    time_s: float
    frame: int
    sights: tuple[Sight, ...]
    looks: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Path:
    """A track's boxes, and its known points (N, 2) in the local frame with their rate of change."""

    row: int
    name: str
    carried: Carried
    time_s: Floats
    points: Floats
    rates: Floats


class Replay:
    """A log, answering for any time."""

    def __init__(self, log: ObservationLog) -> None:
        self._log = log
        self._paths = [_path(row, track) for row, track in enumerate(log.each_track())]
        self._lights = class_ids(LIGHTS)
        self._heading = np.unwrap(log.frames.heading_rad)
        self._cuts = log.frames.time_s[log.frames.cut]

    def at(self, time_s: float) -> Instant:
        """The log must have frames."""
        frame = int(np.argmin(np.abs(self._log.frames.time_s - time_s)))
        seen = self._log.observations
        first, last = np.searchsorted(seen.frame, [frame, frame + 1])
        looks = Counter(seen.look[first:last].tolist())
        return Instant(time_s, frame, tuple(self._sights(time_s)), dict(sorted(looks.items())))

    def _sights(self, time_s: float) -> Iterator[Sight]:
        table = self._log.tracks
        near = (table.first_s - BEYOND_S <= time_s) & (time_s <= table.last_s + BEYOND_S)
        for row in np.flatnonzero(near).tolist():
            path, track = self._paths[row], int(table.track[row])
            is_light = int(table.class_id[row]) in self._lights
            state, confidence = self._voted(track, time_s) if is_light else ("", float(table.confidence[row]))
            place, motion, trail = self._on_ground(path, time_s)
            yield Sight(
                track=track,
                name=path.name,
                box=path.carried.at(time_s),
                fresh=path.carried.gap(time_s) <= FRESH_S,
                place=place,
                motion=motion,
                trail=trail,
                speed_mps=float(table.speed_mps[row]),
                at_rest=float(table.at_rest[row]),
                confidence=confidence,
                state=state,
            )

    def _voted(self, track: int, time_s: float) -> tuple[str, float]:
        table = self._log.signals
        rows = np.flatnonzero((table.track == track) & (table.first_s <= time_s) & (time_s <= table.last_s))
        return (str(table.state[rows[0]]), float(table.confidence[rows[0]])) if len(rows) else ("unknown", np.nan)

    def _on_ground(self, path: _Path, time_s: float) -> tuple[Floats, Floats, Floats]:
        """Place, motion and trail in the ground frame of the camera's pose at `time_s`; nothing crosses a cut."""
        since = max([time_s - TRAIL_S, *self._cuts[self._cuts <= time_s].tolist()])
        rows = np.flatnonzero((path.time_s >= since) & (path.time_s <= time_s + BEYOND_S))
        if not len(rows) or time_s > path.time_s[-1] + BEYOND_S:
            return NOWHERE, NOWHERE, np.zeros((0, 2))
        frames = self._log.frames
        x, y, heading = (np.interp(time_s, frames.time_s, v) for v in (frames.x_m, frames.y_m, self._heading))
        turn = np.array([[np.cos(heading), -np.sin(heading)], [np.sin(heading), np.cos(heading)]])
        now = np.array([np.interp(time_s, path.time_s, path.points[:, side]) for side in range(2)])
        return (now - [x, y]) @ turn, path.rates[rows[-1]] @ turn, (path.points[rows] - [x, y]) @ turn


def _path(row: int, track: Track) -> _Path:
    known = np.isfinite(track.local).all(axis=1)
    time_s, points = track.time_s[known], track.local[known]
    motion = smooth(time_s, points, RATE_OVER_S)
    name = STREET_CLASSES[track.class_id]
    return _Path(row, name, Carried(track.time_s, track.boxes), time_s, motion.value, motion.rate)
