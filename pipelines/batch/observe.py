"""From one video to its observation log on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from models.detector import Detector
from pipelines.batch.options import BatchOptions
from pipelines.batch.plan import PlannedFile
from vision.camera.given_optics import NOTHING_GIVEN
from vision.errors import GpsError
from vision.gps import read_gps
from vision.gps.track import GpsTrack
from vision.log import Clock
from vision.log_store import write_log
from vision.observe import observe
from vision.timing.clock import SyncPoint, estimate_clock

TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Observed:
    """`video_s`: seconds of video that were decoded. `notes`: what the user should know though nothing failed."""

    video_s: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObserveJob:
    """`camera`: its name."""

    file: PlannedFile
    camera: str
    options: BatchOptions

    def run(self, detector: Detector, tell: Callable[[float], None]) -> Observed:
        """Writes the log; `tell` gets the seconds of video seen so far. Raises `VideoError` if there is no frame."""
        gps, notes = self._gps()
        info, site = self.file.info, self.file.site_camera
        log = observe(
            info.path,
            detector,
            self.options.observe,
            camera=self.camera,
            clock=self._clock(gps),
            gps=gps,
            given=NOTHING_GIVEN if site is None else site.optics,
            mounting=None if site is None else site.mounting,
            sha256=self.file.sha256,
            progress=throttled(tell, info.start_s),
        )
        write_log(replace(log, meta=replace(log.meta, config_sha256=self.file.perception)), self.file.log)
        seen = log.meta.files[0]
        return Observed(seen.last_s - seen.first_s, notes)

    def _gps(self) -> tuple[GpsTrack | None, tuple[str, ...]]:
        """A position log that cannot be used costs the place, not the video."""
        info = self.file.info
        try:
            return read_gps(info.path, (), self.options.gps_datum, info.duration_s), ()
        except GpsError as error:
            return None, (f"no position: {error}",)

    def _clock(self, gps: GpsTrack | None) -> Clock:
        clock = estimate_clock(self.file.info, gps, self._sync_points(), self.file.zone)
        offset = self.options.clock_offset_s
        if not offset or clock.utc_at_zero is None:
            return clock
        moved = clock.utc_at_zero + timedelta(seconds=offset)
        return replace(clock, utc_at_zero=moved, note=f"{clock.note}; moved by {offset:+g} s as told")

    def _sync_points(self) -> list[SyncPoint]:
        info, camera = self.file.info, self.file.site_camera
        given = () if camera is None else camera.sync_of(info.path.name)
        points = [SyncPoint(pts, utc) for pts, utc in given]
        if self.options.recorded_at is not None:
            points.append(SyncPoint(info.start_s, self.options.recorded_at))
        return points


def throttled(tell: Callable[[float], None], first_s: float) -> Callable[[float], None]:
    """Takes the PTS of every frame, tells of the seconds since the first about once a second of video."""
    next_s = first_s

    def hear(pts: float) -> None:
        nonlocal next_s
        if pts >= next_s:
            next_s = pts + TELL_EVERY_S
            tell(pts - first_s)

    return hear
