"""What a rule finds, and what is handed to the service.

`Finding` is a rule's verdict in the log's own terms (seconds, pixels, metres). `Incident` is the same fact in
the world's terms (UTC, WGS 84, file and PTS) with its evidence. Field names are those of the API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from vision.quality.coverage import Sought


class Kind(StrEnum):
    LITTER = "litter"
    ILLEGAL_PARKING = "illegal_parking"
    RED_LIGHT_RUNNING = "red_light_running"
    STOP_LINE_OVERRUN = "stop_line_overrun"
    CROSSWALK_NOT_YIELDING = "crosswalk_not_yielding"
    WRONG_WAY = "wrong_way"
    MIXED_TRAFFIC = "mixed_traffic"
    PEDESTRIAN_RED_LIGHT = "pedestrian_red_light"


class Grade(StrEnum):
    """How far the evidence carries. `complete`: every element the rule needs is shown. `clue`: the fact is
    seen, an element of proof is missing. `insufficient`: it cannot be told; never counted.
    """

    COMPLETE = "complete"
    CLUE = "clue"
    INSUFFICIENT = "insufficient"


class Role(StrEnum):
    """What a piece of evidence shows."""

    BEFORE = "before"
    AT = "at"
    AFTER = "after"
    LAMP = "lamp"
    CLIP = "clip"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame that proves something. `box`: the subject there, native pixels; None if not in the picture."""

    role: Role
    time_s: float
    box: tuple[float, float, float, float] | None
    caption: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's verdict, in the terms of the log it was judged on.

    Attributes:
        missing: what the grade lacks, e.g. ("stop_line",), ("restriction",), ("plate",).
        reasons: sentences for the reviewer, with numbers and uncertainties.
        start_s, end_s: log time.
        local: x, y, standard uncertainty in metres in the log's local frame; None when unknown.
        lamp_track: the governing signal head's track.
    """

    kind: Kind
    rule: str
    grade: Grade
    missing: tuple[str, ...]
    confidence: float
    reasons: tuple[str, ...]
    start_s: float
    end_s: float
    track: int
    subject_class: str
    moments: tuple[Moment, ...]
    subtype: str | None = None
    local: tuple[float, float, float] | None = None
    lamp_track: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """WGS 84 degrees; `accuracy_m` is the radius that holds the true point with about 68 % probability."""

    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Subject:
    """`box`: x1, y1, x2, y2 in native pixels at `box_pts` seconds of the incident's file."""

    subject_class: str
    track: int
    box: tuple[float, float, float, float]
    box_pts: float


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One evidence file, already blurred. `name` is unique within the incident, e.g. "before.jpg",
    "before.clean.jpg", "clip.mp4", "evidence.json"; `pts` is None for clip and manifest.
    """

    role: Role
    name: str
    media_type: str
    sha256: str
    size_bytes: int
    pts: float | None = None
    annotated: bool = False


@dataclass(frozen=True, slots=True)
class FileRef:
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as handed to the service. Unknown is None.

    `start, end`: UTC. `place_hint`: the place the operator named, used only where there is no location.
    """

    kind: Kind
    subtype: str | None
    grade: Grade
    missing: tuple[str, ...]
    confidence: float
    reasons: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    time_uncertainty_s: float | None
    zone: str | None
    location: Location | None
    place_hint: str | None
    file: FileRef
    pts_start: float
    pts_end: float
    subject: Subject
    model: str
    rule: str
    evidence: tuple[EvidenceItem, ...] = ()


CELL_RESOLUTION: Final = 12  # of the H3 cells that a camera passed or showed: 10.8 m edge, 307 m^2


@dataclass(frozen=True, slots=True)
class CellCoverage:
    """How a file showed one H3 cell of `CELL_RESOLUTION`.

    Attributes:
        sought: what would have been found there; a vehicle is seen farther than litter.
        seconds: during which it was in view in usable footage. passes: times it came into view after a minute or more
            out of it; 0 if all of that began in the file before. quality: mean over `seconds`, 0..1.
    """

    cell: str
    sought: Sought
    seconds: float
    passes: int
    quality: float


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """A file a judgement covers. `start_utc`: UTC of its first frame, None when unknown. `metres`: road length
    driven while it was recorded, None when unknown. `cells`: H3 cells (resolution 12) the camera passed through, so
    that "nothing found" and "nobody looked" can be told apart; empty when unknown. `coverage`: the cells it showed.
    """

    name: str
    sha256: str
    size_bytes: int
    duration_s: float
    start_utc: datetime | None
    metres: float | None = None
    damage: str | None = None
    cells: tuple[str, ...] = ()
    coverage: tuple[CellCoverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that one judging of one camera of one drive found: the unit of ingest.

    It is the whole truth of its `kinds` for its `files` as `camera` filmed them: what an earlier judgement found there
    and this one does not is withdrawn. Handing it over twice changes nothing.

    Attributes:
        drive: stable id, from camera and first file's content.
        camera: name, e.g. "car7/front".
        kinds: the kinds that were judged, also those without incidents.
    """

    drive: str
    camera: str
    files: tuple[JudgedFile, ...]
    kinds: tuple[Kind, ...]
    incidents: tuple[Incident, ...] = field(default=())
