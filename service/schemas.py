"""JSON as the API gives it, and what it shares with JSON as the API takes it (`service.schemas_in`)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from pipelines.incident import Grade, Kind, Role
from service.ingest import Change
from service.review import RejectReason, Status
from service.times import rfc3339
from vision.quality.coverage import Sought


def storable(value: str) -> str:
    """PostgreSQL stores no NUL, and no database a lone surrogate."""
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("must be plain text")
    return value


def _in_our_time(value: datetime) -> datetime:
    """Cameras that lost their clock say 1970 or 2036; beyond lie times that have no hour before or after."""
    if not 1900 <= value.year < 2200:
        raise ValueError("must be a time from 1900 to 2199")
    return value


Utc = Annotated[
    AwareDatetime, AfterValidator(_in_our_time), PlainSerializer(rfc3339, return_type=str, when_used="json")
]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(storable)]
Label = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(storable)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["9f" * 32])]
Seconds = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Pixels = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Zone = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+\-/]+$", examples=["Asia/Shanghai"])]
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


class Facts(Wire):
    """What is known of an incident, told the same way in and out."""

    kind: Kind
    subtype: Label | None = None
    grade: Grade
    missing: tuple[Label, ...] = Field(default=(), max_length=50)
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)
    reasons: tuple[Annotated[str, Field(max_length=2000), AfterValidator(storable)], ...] = Field(
        default=(), max_length=50
    )
    start: Utc | None = None
    end: Utc | None = None
    time_uncertainty_s: NotNegative | None = None
    zone: Zone | None = None
    location: LocationModel | None = None
    file: FileRefModel
    pts_start: Seconds
    pts_end: Seconds
    subject: SubjectModel
    model: Text
    rule: Text


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
    """The last verdict not undone; that of a duplicate whose original does not count waits, its status is unreviewed.

    `by`: who gave it, as they say. `key_name`: the API key it came with, if any.
    """

    verdict: Literal["confirmed", "rejected", "duplicate"]
    reason: RejectReason | None
    duplicate_of: str | None
    by: str | None
    key_name: str | None
    at: Utc


class ReviewEntry(ReviewModel):
    undone_at: Utc | None
    undone_by: str | None
    undone_key_name: str | None


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


class CoverageRow(Wire):
    """The keys named in `by`, then the numbers; all null where nobody is known to have seen anything.

    `cells`: H3 cells of resolution 12 that were seen. `seconds`, `passes`, `quality`: of one of them, on average.
    `last_seen`: start of the last file that showed one.
    """

    place: PlaceModel | None = None
    h3: str | None = None
    drive: str | None = None
    sought: Sought
    cells: int | None
    seconds: float | None
    passes: float | None
    quality: float | None
    last_seen: Utc | None


class CoverageReport(Wire):
    as_of: Utc
    by: tuple[str, ...]
    filters: dict[str, Any]
    rows: tuple[CoverageRow, ...]


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
