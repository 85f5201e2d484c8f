"""From the logs of one camera of one drive to its judgement, evidence included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import h3
import numpy as np
from numpy.typing import NDArray

from models.detector import Detector
from pipelines.coverage import cells_seen
from pipelines.evidence.draw import Point
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.evidence.store import EvidenceStore
from pipelines.evidence.write import EvidenceWriter
from pipelines.incident import CELL_RESOLUTION, CellCoverage, Finding, Incident, JudgedFile, Judgement, Kind
from pipelines.judge import judge, to_incident
from pipelines.region import load_region
from pipelines.site import Site, load_site
from vision.drive_log import stitch
from vision.log import ObservationLog, SourceFile
from vision.log_store import read_log


@dataclass(frozen=True, slots=True)
class ObservedFile:
    """A video and the folder of its observation log."""

    path: Path
    log: Path


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """Attributes:
    files: in order of time. kinds: to judge. place: used where nothing else tells the place.
    evidence: folder of the evidence store.
    """

    drive: str
    camera: str
    files: tuple[ObservedFile, ...]
    kinds: tuple[Kind, ...]
    evidence: Path
    site: Path | None = None
    region: Path | None = None
    place: str | None = None

    def run(self, detector: Detector, tell: Callable[[float], None]) -> Judgement:
        """`tell` gets the share of findings whose evidence is written, 0..1."""
        log = stitch([_known_as(read_log(file.log), file.path.name, self.camera) for file in self.files])
        site = None if self.site is None else load_site(self.site)
        region = None if self.region is None else load_region(self.region)
        footage = Footage(log, tuple(file.path for file in self.files))
        writer = EvidenceWriter(EvidenceStore(self.evidence), Looker(detector))
        findings = judge(log, site, region, self.kinds)
        incidents = []
        for number, finding in enumerate(findings):
            incident = self._placed(to_incident(finding, log, site))
            evidence = writer.write(footage, finding, incident, law_lines(finding, log, site))
            incidents.append(replace(incident, evidence=evidence))
            tell((number + 1) / len(findings))
        files = tuple(map(partial(_judged_file, log, site), log.meta.files, cells_seen(log)))
        return Judgement(self.drive, self.camera, files, self.kinds, tuple(incidents))

    def _placed(self, incident: Incident) -> Incident:
        if incident.location is not None or incident.place_hint is not None:
            return incident
        return replace(incident, place_hint=self.place)


def _known_as(log: ObservationLog, name: str, camera: str) -> ObservationLog:
    """The log of one file, with the names the file and its camera go by now: they may have been renamed since."""
    files = tuple(replace(file, name=name) for file in log.meta.files)
    return replace(log, meta=replace(log.meta, files=files, camera=camera))


def law_lines(finding: Finding, log: ObservationLog, site: Site | None) -> tuple[tuple[Point, ...], ...]:
    """What the law drew on the road where it happened, native pixels."""
    file, pts = log.locate(finding.start_s)
    camera = None if site is None else site.camera_for(file.name)
    if camera is None:
        return ()
    if finding.kind is Kind.RED_LIGHT_RUNNING:
        valid = [a for a in camera.approach if a.valid is None or a.valid[0] <= pts <= a.valid[1]]
        return tuple(approach.stop_line for approach in valid)
    if finding.kind is Kind.ILLEGAL_PARKING:
        return tuple((*area.polygon, area.polygon[0]) for area in camera.no_parking_areas)
    return ()


def _judged_file(
    log: ObservationLog, site: Site | None, file: SourceFile, seen: tuple[CellCoverage, ...]
) -> JudgedFile:
    return JudgedFile(
        name=file.name,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        duration_s=file.last_s - file.first_s,
        start_utc=log.meta.clock.utc(file.first_s),
        metres=_metres(log, file),
        damage=file.damage,
        cells=_cells(log, file, site),
        coverage=seen,
    )


def _cells(log: ObservationLog, file: SourceFile, site: Site | None) -> tuple[str, ...]:
    """H3 cells (resolution 12, 10 m across) the camera passed through, or that of the site where a camera stands whose
    position no log tells.
    """
    frames = log.frames
    known = _inside(log, file) & np.isfinite(frames.lon) & np.isfinite(frames.lat)
    passed = zip(frames.lat[known].tolist(), frames.lon[known].tolist(), strict=True)
    cells = tuple(dict.fromkeys(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION) for lat, lon in passed))
    if cells or site is None or site.location is None or log.meta.mounting != "fixed":
        return cells
    return (h3.latlng_to_cell(site.location.lat, site.location.lon, CELL_RESOLUTION),)


def _metres(log: ObservationLog, file: SourceFile) -> float | None:
    """Road length driven while the file was recorded."""
    if log.meta.mounting == "fixed":
        return 0.0
    known = _inside(log, file) & np.isfinite(log.frames.speed_mps)
    if not known.any():
        return None
    return float(np.trapezoid(log.frames.speed_mps[known], log.frames.time_s[known]))


def _inside(log: ObservationLog, file: SourceFile) -> NDArray[np.bool_]:
    """Frames of the log that belong to the file."""
    return (log.frames.time_s >= file.first_s) & (log.frames.time_s <= file.last_s)
