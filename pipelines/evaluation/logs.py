"""Observation logs of labelled videos: of an earlier scan, or made now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from models.detector import Detector
from pipelines.batch.plan import kept_logs
from pipelines.errors import TruthError
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.footage.files import file_sha256
from vision.footage.probe import probe
from vision.footage.video import open_video
from vision.gps import read_gps
from vision.log import ObservationLog
from vision.log_store import read_log
from vision.observe import ObserveSettings, log_of, observe
from vision.perceive import perceive
from vision.timing.clock import estimate_clock


class Logs(Protocol):
    """Where logs come from."""

    def of(self, video: Path) -> tuple[ObservationLog, ...]:
        """At least one; the first with the video's GPS if it has any. Time in them is container PTS."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedLogs:
    """Those that `patrol scan` keeps in its home folder: the newest of each video, whatever its name, with the optics
    that the scan was given.
    """

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
    """Made by looking at each video now; of one with GPS another without it; of one whose optics were measured another
    with these and without GPS, looked at anew, since they tell where to look.

    Attributes:
        measured: what is known of optics, by video.
    """

    detector: Detector
    measured: Mapping[Path, GivenOptics] = field(default_factory=dict)

    def of(self, video: Path) -> tuple[ObservationLog, ...]:
        """Raises `VideoError` if nothing can be decoded."""
        info = probe(video)
        gps = read_gps(video, (), "wgs84", info.duration_s)
        settings, sha256 = ObserveSettings(), file_sha256(video)
        with open_video(video) as opened:
            seen = perceive(opened, self.detector, settings.look, settings.flow_hz)
        logs = [log_of(seen, video, self.detector, settings, sha256=sha256)]
        if gps is not None:
            clock = estimate_clock(info, gps)
            logs.insert(0, log_of(seen, video, self.detector, settings, clock=clock, gps=gps, sha256=sha256))
        measured = self.measured.get(video, NOTHING_GIVEN)
        if measured != NOTHING_GIVEN:
            logs.append(observe(video, self.detector, settings, given=measured, sha256=sha256))
        return tuple(logs)
