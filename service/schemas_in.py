"""JSON as the API takes it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Annotated, Self
from zoneinfo import available_timezones

import h3
from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from pipelines.incident import Kind, Role
from service.review import RejectReason, Verdict
from service.schemas import (
    Box,
    Facts,
    MediaType,
    NotNegative,
    Seconds,
    Sha256,
    SubjectModel,
    Text,
    Utc,
    Wire,
    Zone,
    storable,
)
from vision.quality.coverage import Sought


def _cell(value: str) -> str:
    if not h3.is_valid_cell(value):
        raise ValueError("is not an H3 cell")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("is not an IANA time zone such as Asia/Shanghai")
    return value


def _ordered(box: Box) -> Box:
    if box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError("a box is x1, y1, x2, y2 with x1 < x2 and y1 < y2")
    return box


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]
Cell = Annotated[str, Field(pattern=r"^8c[0-9a-f]{13}$"), AfterValidator(_cell)]
Size = Annotated[int, Field(ge=0, le=2**62)]


class SubjectIn(SubjectModel):
    box: Annotated[Box, AfterValidator(_ordered)]


class EvidenceIn(Wire):
    role: Role
    name: FileName = Field(examples=["before.jpg"])
    media_type: MediaType
    sha256: Sha256
    size_bytes: Size
    pts: Seconds | None = None
    annotated: bool = False


def _named_apart(items: tuple[EvidenceIn, ...]) -> tuple[EvidenceIn, ...]:
    twice = [name for name, times in Counter(item.name for item in items).items() if times > 1]
    if twice:
        raise ValueError(f"two have the name {twice[0]}")
    return items


class IncidentIn(Facts):
    """`place_hint`: the place the operator named, used only where there is no location."""

    place_hint: Name | None = None
    zone: Annotated[Zone, AfterValidator(_known_zone)] | None = None
    subject: SubjectIn
    evidence: Annotated[tuple[EvidenceIn, ...], AfterValidator(_named_apart)] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        """One moment is an incident too: a single look may be all that saw it."""
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("end is before start")
        if self.pts_end < self.pts_start:
            raise ValueError("pts_end is before pts_start")
        return self


class CellCoverageIn(Wire):
    """How the file showed one H3 cell of resolution 12: for how many seconds, in how many passes that began in it, how
    well (0..1). `sought`: what would have been found there.
    """

    cell: Cell
    sought: Sought
    seconds: NotNegative
    passes: int = Field(ge=0, le=1_000_000)
    quality: float = Field(ge=0, le=1, allow_inf_nan=False)


def _shown_once(items: tuple[CellCoverageIn, ...]) -> tuple[CellCoverageIn, ...]:
    twice = [key for key, times in Counter((item.sought, item.cell) for item in items).items() if times > 1]
    if twice:
        raise ValueError(f"two are of {twice[0][0]} in {twice[0][1]}")
    return items


class JudgedFileIn(Wire):
    """`start_utc`: UTC of its first frame. `metres`: road length driven meanwhile. `cells`: H3 cells of resolution 12
    the camera passed through; `coverage`: those it showed.
    """

    name: Text
    sha256: Sha256
    size_bytes: Size
    duration_s: NotNegative
    start_utc: Utc | None = None
    metres: NotNegative | None = None
    damage: Text | None = None
    cells: tuple[Cell, ...] = Field(default=(), max_length=20_000)
    coverage: Annotated[tuple[CellCoverageIn, ...], AfterValidator(_shown_once)] = Field(default=(), max_length=200_000)


_EXAMPLE_FILE: JsonDict = {"name": "front_0001.mp4", "sha256": "9f" * 32}
_EXAMPLE_INCIDENT: JsonDict = {
    "kind": "red_light_running",
    "grade": "clue",
    "missing": ["plate"],
    "confidence": 0.93,
    "reasons": ["front crossed the stop line 1.8 s (± 0.1) after red", "moved on 14 m into the junction"],
    "start": "2026-11-24T08:31:07.200Z",
    "end": "2026-11-24T08:31:10.050Z",
    "time_uncertainty_s": 0.4,
    "zone": "Asia/Shanghai",
    "location": {"lon": 120.1, "lat": 30.2, "accuracy_m": 4.0},
    "file": _EXAMPLE_FILE,
    "pts_start": 12.3,
    "pts_end": 15.1,
    "subject": {"class": "car", "track": 17, "box": [610.0, 400.0, 790.0, 520.0], "box_pts": 13.0},
    "model": "street-v7",
    "rule": "red_light_running/1",
}
_EXAMPLE_JUDGEMENT: JsonDict = {
    "drive": "car7-front-9f9f9f9f",
    "camera": "car7/front",
    "files": [{**_EXAMPLE_FILE, "size_bytes": 112_000_000, "duration_s": 60.0, "start_utc": "2026-11-24T08:30:54Z"}],
    "kinds": ["litter", "illegal_parking", "red_light_running"],
    "incidents": [_EXAMPLE_INCIDENT],
}


class JudgementIn(Wire):
    """All that one judging of one camera of one drive found.

    It is the whole truth of its `kinds` for its `files`: what was found in them before and is not here is withdrawn.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_JUDGEMENT]})

    drive: Name
    camera: Name = Field(examples=["car7/front"])
    files: tuple[JudgedFileIn, ...] = Field(max_length=10_000)
    kinds: tuple[Kind, ...] = Field(min_length=1, max_length=len(Kind))
    incidents: tuple[IncidentIn, ...] = Field(default=(), max_length=20_000)

    @model_validator(mode="after")
    def _is_the_whole_truth(self) -> Self:
        """What lies outside could never be withdrawn again."""
        files = {file.sha256 for file in self.files}
        for number, incident in enumerate(self.incidents):
            if incident.kind not in self.kinds:
                raise ValueError(f"incidents.{number}: {incident.kind} is not among the kinds judged")
            if incident.file.sha256 not in files:
                raise ValueError(f"incidents.{number}: its file is not among the files judged")
        return self


class ReviewIn(Wire):
    """`reason` goes with rejected and only with it; `duplicate_of` with duplicate, null when that one is not listed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"verdict": "rejected", "reason": "legal_here", "by": "Mei"}, {"verdict": "undo"}]
        }
    )

    verdict: Verdict
    reason: RejectReason | None = None
    duplicate_of: Name | None = None
    by: Name | None = Field(default=None, description="who; null: the name of the API key, where one is used")
