"""evidence.json: all that is needed to check an incident's evidence without us."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pipelines.evidence.clip import ClipFacts
from pipelines.incident import EvidenceItem, Finding, Grade, Incident, Kind, Location, Role, Subject
from vision.log import Clock, ObservationLog, SourceFile

FORMAT = "street-patrol-evidence/1"
PRIVACY = "plates and heads are blurred in all media; unblurred media are not kept"


@dataclass(frozen=True, slots=True)
class Still:
    """A written picture and the log time it shows."""

    item: EvidenceItem
    time_s: float


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """`damage`: why the file could not be decoded to its end."""

    file_sha256: str
    name: str
    size: int
    first_pts: float
    last_pts: float
    damage: str | None


@dataclass(frozen=True, slots=True)
class ClockEntry:
    source: str
    uncertainty_s: float | None
    zone: str | None
    note: str


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """`file_sha256`, `pts_ms`: the frame of the source that the picture shows."""

    name: str
    role: Role
    annotated: bool
    sha256: str
    file_sha256: str
    pts_ms: float
    utc: str | None


@dataclass(frozen=True, slots=True)
class ClipEntry:
    """Frame k of the clip is the source's frame at `pts[k]` seconds of `file_sha256` (of the file of the first
    frame; a clip over a file's end goes on counting), shown at `pts[k] - pts[0]`.
    """

    sha256: str
    file_sha256: str
    start: float
    end: float
    start_utc: str | None
    width: int
    height: int
    pts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LightEntry:
    """A lamp's surely seen state, in seconds relative to the start of the incident."""

    state: str
    first_s: float
    last_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """Field names are those of the API (`pipelines.incident`) where it has the same; unknown is null."""

    format: str
    kind: Kind
    subtype: str | None
    grade: Grade
    missing: tuple[str, ...]
    confidence: float
    reasons: tuple[str, ...]
    rule: str
    model: str
    config_sha256: str
    sources: tuple[SourceEntry, ...]
    clock: ClockEntry
    start: str | None
    end: str | None
    time_uncertainty_s: float | None
    pts_start: float
    pts_end: float
    place: Location | None
    place_hint: str | None
    subject: Subject
    light: tuple[LightEntry, ...]
    frames: tuple[FrameEntry, ...]
    clip: ClipEntry | None
    privacy: str = PRIVACY

    def to_json(self) -> bytes:
        """Canonical (sorted keys): the same evidence gives the same bytes, and the same hash."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1).encode()


def build_manifest(
    log: ObservationLog,
    finding: Finding,
    incident: Incident,
    stills: tuple[Still, ...],
    clip: tuple[EvidenceItem, ClipFacts] | None,
) -> Manifest:
    return Manifest(
        format=FORMAT,
        kind=incident.kind,
        subtype=incident.subtype,
        grade=incident.grade,
        missing=incident.missing,
        confidence=round(incident.confidence, 4),
        reasons=incident.reasons,
        rule=incident.rule,
        model=incident.model,
        config_sha256=log.meta.config_sha256,
        sources=tuple(_source(file) for file in _files_shown(log, finding, stills, clip)),
        clock=_clock(log.meta.clock),
        start=utc_text(incident.start),
        end=utc_text(incident.end),
        time_uncertainty_s=incident.time_uncertainty_s,
        pts_start=round(incident.pts_start, 3),
        pts_end=round(incident.pts_end, 3),
        place=incident.location,
        place_hint=incident.place_hint,
        subject=incident.subject,
        light=_light(log, finding),
        frames=tuple(_frame(log, still) for still in stills),
        clip=_clip(log, *clip) if clip else None,
    )


def utc_text(moment: datetime | None) -> str | None:
    """RFC 3339 with milliseconds and Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _files_shown(
    log: ObservationLog, finding: Finding, stills: tuple[Still, ...], clip: tuple[EvidenceItem, ClipFacts] | None
) -> list[SourceFile]:
    times = [finding.start_s, finding.end_s, *(still.time_s for still in stills)]
    if clip is not None:
        times += [clip[1].start_s, clip[1].end_s]
    shown = {log.locate(time_s)[0].sha256 for time_s in times}
    return [file for file in log.meta.files if file.sha256 in shown]


def _source(file: SourceFile) -> SourceEntry:
    first, last = file.first_s - file.start_s, file.last_s - file.start_s
    return SourceEntry(file.sha256, file.name, file.size_bytes, round(first, 3), round(last, 3), file.damage)


def _clock(clock: Clock) -> ClockEntry:
    uncertainty = clock.uncertainty_s if clock.utc_at_zero is not None else None
    return ClockEntry(clock.source, uncertainty, clock.zone, clock.note)


def _frame(log: ObservationLog, still: Still) -> FrameEntry:
    file, pts = log.locate(still.time_s)
    item = still.item
    utc = utc_text(log.meta.clock.utc(still.time_s))
    return FrameEntry(item.name, item.role, item.annotated, item.sha256, file.sha256, round(pts * 1000, 1), utc)


def _clip(log: ObservationLog, item: EvidenceItem, facts: ClipFacts) -> ClipEntry:
    file, _ = log.locate(facts.start_s)
    pts = tuple(round(time_s - file.start_s, 5) for time_s in facts.frame_times_s)
    start_utc = utc_text(log.meta.clock.utc(facts.start_s))
    return ClipEntry(item.sha256, file.sha256, pts[0], pts[-1], start_utc, facts.width, facts.height, pts)


def _light(log: ObservationLog, finding: Finding) -> tuple[LightEntry, ...]:
    """The governing lamp's states from before the incident to its end."""
    table = log.signals
    rows = [
        row
        for row in range(len(table.track))
        if table.track[row] == finding.lamp_track and table.first_s[row] <= finding.end_s
    ]
    return tuple(
        LightEntry(
            str(table.state[row]),
            round(float(table.first_s[row]) - finding.start_s, 3),
            round(float(table.last_s[row]) - finding.start_s, 3),
            round(float(table.confidence[row]), 3),
        )
        for row in rows
    )
