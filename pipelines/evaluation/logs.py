"""Observation logs of labelled videos: of an earlier scan, or made now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.detector import Detector
from pipelines.errors import TruthError
from vision.clock import estimate_clock
from vision.gps import read_gps
from vision.log import ObservationLog
from vision.log_store import read_log
from vision.observe import observe
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
        found = sorted((self.home / "logs").glob(f"{file_sha256(video)}-*.obs"), key=lambda log: log.stat().st_mtime)
        if not found:
            raise TruthError(
                f"{self.home} holds no log of {video.name}", advice=f"patrol scan {video.parent} --home {self.home}"
            )
        return (read_log(found[-1]),)


@dataclass(frozen=True, slots=True)
class FreshLogs:
    """Made by looking at each video now; at one with GPS a second time without."""

    detector: Detector

    def of(self, video: Path) -> tuple[ObservationLog, ...]:
        """Raises `VideoError` if nothing can be decoded."""
        info = probe(video)
        gps = read_gps(video, (), "wgs84", info.duration_s)
        without = observe(video, self.detector)
        if gps is None:
            return (without,)
        return observe(video, self.detector, clock=estimate_clock(info, gps), gps=gps), without
