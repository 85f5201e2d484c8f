"""How long, how often and how well places were looked at: what counts are to be divided by. Pure query building, and
the rows it gives.

Numbers are means over the H3 cells of resolution 12 that were seen, so that they mean the same of a short street and of
a long one. What nobody is known to have seen is None, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, get_args

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from service.counts import places_asked_for, rank
from service.filters import Bbox, in_bbox
from service.places import H3_LEVEL, PlaceRef
from service.tables import CellRow, FileCoverageRow, FileRow, PlaceRow
from vision.quality.coverage import Sought


class CoverageBy(StrEnum):
    """What coverage may be broken down by."""

    PLACE = "place"
    H3 = "h3"
    DRIVE = "drive"


@dataclass(frozen=True, slots=True)
class CoverageFilters:
    """Empty or None: everything. `since` <= start of the file < `until`. `bbox`: of the cells' centres, as that of
    `IncidentFilters`. `place`: ids.
    """

    sought: tuple[Sought, ...] = ()
    place: tuple[str, ...] = ()
    camera: tuple[str, ...] = ()
    drive: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    bbox: Bbox | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One row; what it is not broken down by is None.

    Attributes:
        cells: how many were seen. seconds, passes: how long and how often one of them was, on average.
        quality: 0..1, mean over the time. last_seen: start of the last file that showed one. All None where nobody is
            known to have seen any.
    """

    sought: Sought
    cells: int | None
    seconds: float | None
    passes: float | None
    quality: float | None
    last_seen: datetime | None
    place: PlaceRef | None = None
    h3: str | None = None
    drive: str | None = None


# Where no imported place is, the cell is the place, as for incidents.
_PLACE: Final = func.coalesce(CellRow.place_id, CellRow.h3)
_COLUMNS: Final[dict[CoverageBy, tuple[Any, ...]]] = {
    CoverageBy.PLACE: (_PLACE, PlaceRow.name, PlaceRow.level),
    CoverageBy.H3: (CellRow.h3,),
    CoverageBy.DRIVE: (FileRow.drive,),
}


def coverage(session: Session, by: Sequence[CoverageBy], filters: CoverageFilters) -> tuple[Coverage, ...]:
    """Rows in the order of `by`, then of what was sought. By place alone, imported places that nobody is known to have
    seen are among them; without `by` one row for each thing sought.
    """
    by = tuple(dict.fromkeys(by))
    rows = [_row(by, tuple(row)) for row in session.execute(_query(by, filters))]
    if by in ((), (CoverageBy.PLACE,)):
        rows += _unseen(session, by, filters, rows)
    return tuple(sorted(rows, key=lambda row: (*(rank(getattr(row, name.value)) for name in by), row.sought)))


def _query(by: Sequence[CoverageBy], filters: CoverageFilters) -> Select[*tuple[Any, ...]]:
    keys = [column for name in by for column in _COLUMNS[name]]
    shown = FileCoverageRow
    return (
        select(
            *keys,
            shown.sought,
            func.count(shown.cell.distinct()),
            func.sum(shown.seconds),
            func.sum(shown.passes),
            func.sum(shown.quality * shown.seconds),
            func.max(FileRow.start_utc),
        )
        .join(CellRow, CellRow.cell == shown.cell)
        .join(FileRow, FileRow.sha256 == shown.sha256)
        .outerjoin(PlaceRow, PlaceRow.id == CellRow.place_id)
        .where(*_conditions(filters))
        .group_by(*keys, shown.sought)
    )


def _conditions(filters: CoverageFilters) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    for column, wanted in (
        (FileCoverageRow.sought, filters.sought),
        (_PLACE, filters.place),
        (FileRow.camera, filters.camera),
        (FileRow.drive, filters.drive),
    ):
        if wanted:
            terms.append(column.in_(wanted))
    if filters.since is not None:
        terms.append(FileRow.start_utc >= filters.since)
    if filters.until is not None:
        terms.append(FileRow.start_utc < filters.until)
    if filters.bbox is not None:
        terms += in_bbox(CellRow.lon, CellRow.lat, filters.bbox)
    return terms


def _row(by: Sequence[CoverageBy], values: tuple[Any, ...]) -> Coverage:
    *keys, sought, cells, seconds, passes, weighed, last = values
    fields: dict[str, Any] = {}
    for name in by:
        if name is CoverageBy.PLACE:
            (place, title, level), keys = keys[:3], keys[3:]
            fields["place"] = PlaceRef(place, place, H3_LEVEL) if title is None else PlaceRef(place, title, level)
        else:
            fields[name.value], keys = keys[0], keys[1:]
    quality = round(weighed / seconds, 3) if seconds > 0 else None
    return Coverage(sought, cells, round(seconds / cells, 2), round(passes / cells, 2), quality, last, **fields)


def _unseen(
    session: Session, by: Sequence[CoverageBy], filters: CoverageFilters, rows: Sequence[Coverage]
) -> list[Coverage]:
    places: list[PlaceRef | None] = [None]
    if by:
        places = [PlaceRef(*row) for row in session.execute(places_asked_for(filters.place, filters.bbox))]
    seen = {(row.place and row.place.id, row.sought) for row in rows}
    return [
        Coverage(sought, None, None, None, None, None, place=place)
        for place in places
        for sought in filters.sought or get_args(Sought)
        if (place and place.id, sought) not in seen
    ]
