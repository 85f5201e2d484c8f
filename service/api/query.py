"""The query parameters of the API. Whatever a request has beside them is refused: a filter that is misspelt and ignored
would give an answer to another question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pipelines.incident import Grade, Kind
from service.breakdown import parse_by
from service.counts import By
from service.coverage import CoverageBy, CoverageFilters
from service.filters import IncidentFilters, WhereAndWhen, where_and_when
from service.review import Status
from service.times import parse_time
from vision.quality.coverage import Sought

MAX_PAGE = 500

# Patterns that are described but not checked: `parse_time`, `parse_bbox` and `parse_by` say in words what is wrong.
_TIME = Field(
    max_length=100,
    json_schema_extra={"pattern": r"^(\d{1,6}[mhdw]|\d{4}-\d\d-\d\dT.+)$"},
    examples=["7d", "2026-11-24T08:00:00Z"],
)
_BBOX = Field(
    max_length=200,
    json_schema_extra={"pattern": r"^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$"},
    examples=["120.0,30.1,120.3,30.4"],
)


def _names(allowed: Iterable[str]) -> Any:
    """What a text of such names joined by commas is described as."""
    names = "|".join(allowed)
    return Field(max_length=200, json_schema_extra={"pattern": rf"^(({names})(,({names}))*)?$"})


_Time = Annotated[str, _TIME]
_PlaceId = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
_Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class Parameters(BaseModel):
    """What a request may ask for; subclasses name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _has_only_known_names(cls, given: Any) -> Any:
        known = sorted(cls.model_fields)
        unknown = [name for name in given if name not in cls.model_fields]
        if unknown:
            raise PydanticCustomError(
                "unknown_parameter",
                "no parameter {unknown} here; there is {known}",
                {"unknown": ", ".join(unknown), "known": ", ".join(known) or "none"},
            )
        return given


class WhereAndWhenParameters(Parameters):
    place: list[_PlaceId] = Field(default=[], description='place ids, or "unplaced"')
    camera: list[_Name] = []
    drive: list[_Name] = []
    since: _Time | None = Field(default=None, description="start at or after: RFC 3339, or an age")
    until: _Time | None = Field(default=None, description="start before: RFC 3339, or an age")
    bbox: Annotated[str, _BBOX] | None = Field(default=None, description="minLon,minLat,maxLon,maxLat, WGS 84")

    def where_and_when(self, now: datetime) -> WhereAndWhen:
        """Raises `BadQuery` for a time or a box that is none."""
        return where_and_when(self.place, self.camera, self.drive, self.since, self.until, self.bbox, now)


class FilterParameters(WhereAndWhenParameters):
    kind: list[Kind] = Field(default=[], description="any of these")
    status: list[Status] = []
    grade: list[Grade] = []

    def filters(self, now: datetime) -> IncidentFilters:
        """Raises `BadQuery` for a time or a box that is none."""
        return IncidentFilters(
            kind=tuple(self.kind), status=tuple(self.status), grade=tuple(self.grade), **self.where_and_when(now)
        )


class ListParameters(FilterParameters):
    updated_since: _Time | None = Field(
        default=None, description="changed at or after: RFC 3339, or an age; the longest unchanged come first"
    )
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(default=None, description="`next` of the page before", max_length=200)

    def filters(self, now: datetime) -> IncidentFilters:
        updated_since = None if self.updated_since is None else parse_time(self.updated_since, now)
        return replace(super().filters(now), updated_since=updated_since)


class CountParameters(FilterParameters):
    by: list[Annotated[str, _names(By)]] = Field(
        default=[],
        description=f"what to break down by, any of {', '.join(By)}; repeated, or joined by commas",
        examples=[["place", "kind"]],
    )

    def names(self) -> tuple[By, ...]:
        """Each once, in the order they were given. Raises `BadQuery` for a name of nothing."""
        return parse_by(self.by, By)


class CoverageParameters(WhereAndWhenParameters):
    place: list[_PlaceId] = Field(default=[], description="ids of imported places, or H3 cells of resolution 10")
    sought: list[Sought] = Field(default=[], description="what would have been found")
    by: list[Annotated[str, _names(CoverageBy)]] = Field(
        default=[],
        description=f"what to break down by, any of {', '.join(CoverageBy)}; repeated, or joined by commas",
        examples=[["place"]],
    )

    def names(self) -> tuple[CoverageBy, ...]:
        """As those of `CountParameters`."""
        return parse_by(self.by, CoverageBy)

    def filters(self, now: datetime) -> CoverageFilters:
        """Raises `BadQuery` for a time or a box that is none."""
        return CoverageFilters(sought=tuple(self.sought), **self.where_and_when(now))


NoParameters = Annotated[Parameters, Query()]
ListQuery = Annotated[ListParameters, Query()]
CountQuery = Annotated[CountParameters, Query()]
CoverageQuery = Annotated[CoverageParameters, Query()]
