"""The wire: JSON as the API takes and gives it. Names are those of CONVENTIONS 2.15."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import h3
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator
from pydantic.config import JsonDict

from pipelines.incident import Grade, Kind, Role
from service.ingest import Change
from service.review import RejectReason, Status, Verdict
from service.times import rfc3339


def _storable(value: str) -> str:
    """PostgreSQL stores no NUL, and no database a lone surrogate."""
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("must be plain text")
    return value


def _cell(value: str) -> str:
    if not h3.is_valid_cell(value):
        raise ValueError("is not an H3 cell")
    return value


def _in_our_time(value: datetime) -> datetime:
    """Cameras that lost their clock say 1970 or 2036; beyond lie times that have no hour before or after."""
    if not 1900 <= value.year < 2200:
        raise ValueError("must be a time from 1900 to 2199")
    return value


Utc = Annotated[
    AwareDatetime, AfterValidator(_in_our_time), PlainSerializer(rfc3339, return_type=str, when_used="json")
]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Label = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_storable)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["9f" * 32])]
Cell = Annotated[str, Field(pattern=r"^8c[0-9a-f]{13}$"), AfterValidator(_cell)]
Seconds = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Pixels = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Size = Annotated[int, Field(ge=0, le=2**62)]
MediaType = Literal["image/jpeg", "video/mp4", "application/json"]
Box = tuple[Pixels, Pixels, Pixels, Pixels]


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class LocationModel(Wire):
    """WGS 84 degrees; the true point is within `accuracy_m` with about 68 % probability."""

    lon: float = Field(ge=-180, le=180, examples=[120.1])
    lat: float = Field(ge=-90, le=90, examples=[30.2])
    accuracy_m: NotNegative


class PlaceModel(Wire):
    """`level`: what the places file says; "h3" for a cell, "named" for a place that was only named."""

    id: str
    name: str
    level: str | None


class FileRefModel(Wire):
    name: Text
    sha256: Sha256


class SubjectModel(Wire):
    """`box`: x1, y1, x2, y2 in native pixels at `box_pts` seconds of the file."""

    subject_class: Label = Field(alias="class", examples=["car"])
    track: int = Field(ge=-(2**62), le=2**62)
    box: Box
    box_pts: Seconds


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


class Facts(Wire):
    """What is known of an incident, told the same way in and out."""

    kind: Kind
    subtype: Label | None = None
    grade: Grade
    missing: tuple[Label, ...] = Field(default=(), max_length=50)
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)
    reasons: tuple[Annotated[str, Field(max_length=2000), AfterValidator(_storable)], ...] = Field(
        default=(), max_length=50
    )
    start: Utc | None = None
    end: Utc | None = None
    time_uncertainty_s: NotNegative | None = None
    zone: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+\-/]+$", examples=["Asia/Shanghai"])] | None = None
    location: LocationModel | None = None
    file: FileRefModel
    pts_start: Seconds
    pts_end: Seconds
    subject: SubjectModel
    model: Text
    rule: Text


class IncidentIn(Facts):
    """`place_hint`: the place the operator named, used only where there is no location."""

    place_hint: Name | None = None
    evidence: Annotated[tuple[EvidenceIn, ...], AfterValidator(_named_apart)] = Field(default=(), max_length=100)


class JudgedFileIn(Wire):
    """`start_utc`: UTC of its first moment. `metres`: road length driven meanwhile. `cells`: H3 cells of resolution 12
    the camera passed through.
    """

    name: Text
    sha256: Sha256
    size_bytes: Size
    duration_s: NotNegative
    start_utc: Utc | None = None
    metres: NotNegative | None = None
    damage: Text | None = None
    cells: tuple[Cell, ...] = Field(default=(), max_length=20_000)


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
    "model": "street-v0",
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
    kinds: tuple[Kind, ...] = Field(max_length=len(Kind))
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


class IngestedModel(Wire):
    id: str
    change: Change


class IngestReport(Wire):
    """`incidents`: one per incident handed over, in its order. `withdrawn`: ids of those no longer found."""

    incidents: tuple[IngestedModel, ...]
    withdrawn: tuple[str, ...]


class EvidenceModel(Wire):
    """A file, already blurred. `annotated`: with boxes drawn in."""

    role: Role
    name: str
    href: str
    media_type: MediaType
    sha256: Sha256
    size_bytes: int
    pts: float | None
    annotated: bool


class ReviewModel(Wire):
    """The verdict that holds."""

    verdict: Literal["confirmed", "rejected", "duplicate"]
    reason: RejectReason | None
    duplicate_of: str | None
    by: str | None
    at: Utc


class ReviewEntry(ReviewModel):
    undone_at: Utc | None
    undone_by: str | None


class IncidentModel(Facts):
    id: str
    status: Status
    place: PlaceModel | None
    h3: str | None
    drive: str
    camera: str
    evidence: tuple[EvidenceModel, ...]
    review: ReviewModel | None
    created_at: Utc
    updated_at: Utc


class IncidentDetail(IncidentModel):
    """`history`: every verdict ever given, undone ones included, oldest first."""

    history: tuple[ReviewEntry, ...]


class IncidentPage(Wire):
    """`next`: cursor of the next page, null at the end; the same as a URL is in the header Link."""

    items: tuple[IncidentModel, ...]
    next: str | None


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


class CountRow(Wire):
    """The keys named in `by`, then the numbers; both null where nobody can have looked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: PlaceModel | None = None
    kind: Kind | None = None
    day: str | None = Field(default=None, examples=["2026-11-24"])
    week: str | None = Field(default=None, examples=["2026-W48"])
    h3: str | None = None
    status: Status | None = None
    drive: str | None = None
    count: int | None
    unreviewed: int | None


class CountReport(Wire):
    as_of: Utc
    by: tuple[str, ...]
    filters: dict[str, Any]
    rows: tuple[CountRow, ...]


class PlaceList(Wire):
    items: tuple[PlaceModel, ...]


class Health(Wire):
    status: Literal["ok"]
    version: str


class FieldProblem(BaseModel):
    field: str
    problem: str


class Problem(BaseModel):
    """RFC 9457."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str | None = None
    code: str = Field(description="stable, for programs", examples=["not-found"])
    advice: str | None = None
    errors: list[FieldProblem] | None = Field(default=None, description="which fields of the request are wrong")
