"""From an observation log to findings, and from a finding to an incident in the world's terms. Pure."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from pipelines.incident import EvidenceItem, FileRef, Finding, Incident, Kind, Location, Moment, Role, Subject
from pipelines.region import Region
from pipelines.rules import RULES
from pipelines.rules.protocol import Scene
from pipelines.site import Site
from vision.geodesy import to_wgs84
from vision.log import ObservationLog

JUDGED_KINDS: tuple[Kind, ...] = tuple(rule.kind for rule in RULES)


def judge(
    log: ObservationLog,
    site: Site | None = None,
    region: Region | None = None,
    kinds: Collection[Kind] = JUDGED_KINDS,
) -> tuple[Finding, ...]:
    """What the rules for `kinds` find, in order of time."""
    scene = Scene(log, site, region)
    found = [finding for rule in RULES if rule.kind in kinds for finding in rule(scene)]
    return tuple(sorted(found, key=lambda finding: (finding.start_s, finding.kind, finding.track)))


def to_incident(
    finding: Finding, log: ObservationLog, site: Site | None = None, evidence: tuple[EvidenceItem, ...] = ()
) -> Incident:
    """The same fact in UTC, WGS 84, file and PTS.

    An incident that crosses a file's end belongs to the file it starts in; its `pts_end` then lies beyond that
    file's last frame.
    """
    file, pts_start = log.locate(finding.start_s)
    clock, location = log.meta.clock, _location(finding, log, site)
    return Incident(
        kind=finding.kind,
        subtype=finding.subtype,
        grade=finding.grade,
        missing=finding.missing,
        confidence=finding.confidence,
        reasons=finding.reasons,
        start=clock.utc(finding.start_s),
        end=clock.utc(finding.end_s),
        time_uncertainty_s=None if clock.utc_at_zero is None else clock.uncertainty_s,
        zone=(site.zone if site else None) or clock.zone,
        location=location,
        place_hint=site.place if site and location is None else None,
        file=FileRef(file.name, file.sha256),
        pts_start=pts_start,
        pts_end=finding.end_s - file.start_s,
        subject=_subject(finding, file.start_s),
        model=log.meta.model,
        rule=finding.rule,
        evidence=evidence,
    )


def _subject(finding: Finding, file_start_s: float) -> Subject:
    moment = _best_moment(finding)
    box = moment.box or (0.0, 0.0, 0.0, 0.0)
    return Subject(finding.subject_class, finding.track, box, moment.time_s - file_start_s)


def _best_moment(finding: Finding) -> Moment:
    shown = [moment for moment in finding.moments if moment.box is not None and moment.role is not Role.LAMP]
    return next((moment for moment in shown if moment.role is Role.AT), shown[0])


def _gps_accuracy(finding: Finding, log: ObservationLog) -> float:
    """While it was seen; NaN where GPS was lost all the time, as in a tunnel."""
    frames = log.frames
    during = (frames.time_s >= finding.start_s - 1e-6) & (frames.time_s <= finding.end_s + 1e-6)
    known = frames.accuracy_m[during & np.isfinite(frames.accuracy_m)]
    return float(np.median(known)) if len(known) else float("nan")


def _location(finding: Finding, log: ObservationLog, site: Site | None) -> Location | None:
    """Of the subject where the log is georeferenced, of the camera that saw it, or of the site; never made up."""
    row = int(np.argmin(np.abs(log.frames.time_s - finding.start_s)))
    gps_m = _gps_accuracy(finding, log)
    if log.meta.origin is not None and finding.local is not None and np.isfinite(gps_m):
        x, y, std = finding.local
        lon, lat = to_wgs84(log.meta.origin, np.array(x), np.array(y))
        return Location(float(lon), float(lat), float(np.hypot(std, gps_m)))
    if site is not None and site.location is not None:
        return site.location
    if np.isfinite([log.frames.lon[row], log.frames.lat[row]]).all():
        # The camera's own place; the subject is somewhere in view.
        accuracy = float(np.hypot(gps_m if np.isfinite(gps_m) else 5.0, 15.0))
        return Location(float(log.frames.lon[row]), float(log.frames.lat[row]), accuracy)
    return None
