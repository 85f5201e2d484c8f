"""Observation logs of labelled videos: of an earlier scan, or made now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.detector import Detector
from pipelines.batch_plan import kept_logs
from pipelines.errors import TruthError
from vision.clock import estimate_clock
from vision.gps import read_gps
from vision.log import ObservationLog
from vision.log_store import read_log
from vision.observe import ObserveSettings, log_of
from vision.perceive import perceive
from vision.video import open_video
from vision.video_files import file_sha256
from vision.video_probe import probe


class Logs(Protocol):
    """Where logs come from."""

    def of(self, video: Path) -> tuple[ObservationLog, ...]:
        """At least one; the first with the video's GPS if it has any. Time in them is container PTS."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedLogs:
    """Those that `patrol scan` keeps in its home folder: the newest of each video, whatever its name."""

    home: Path

    def of(self, video: Path) -> tuple[ObservationLog, ...]:
        """Raises `TruthError` if the video was never scanned, `LogError` if its log is broken."""
        found = kept_logs(self.home, file_sha256(video))
        if not found:
            raise TruthError(
                f"{self.home} holds no log of {video.name}", advice=f"patrol scan {video.parent} --home {self.home}"
            )
        return (read_log(found[-1]),)


@dataclass(frozen=True, slots=True)
class FreshLogs:
    """Made by looking at each video now; of one with GPS another without it."""

    detector: Detector

    def of(self, video: Path) -> tuple[ObservationLog, ...]:
        """Raises `VideoError` if nothing can be decoded."""
        info = probe(video)
        gps = read_gps(video, (), "wgs84", info.duration_s)
        settings, sha256 = ObserveSettings(), file_sha256(video)
        with open_video(video) as opened:
            seen = perceive(opened, self.detector, settings.look, settings.flow_hz)
        without = log_of(seen, video, self.detector, settings, sha256=sha256)
        if gps is None:
            return (without,)
        clock = estimate_clock(info, gps)
        return log_of(seen, video, self.detector, settings, clock=clock, gps=gps, sha256=sha256), without
