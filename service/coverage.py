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

from service.breakdown import rank
from service.counts import places_asked_for
from service.errors import BadQuery
from service.filters import Bbox, in_bbox
from service.places import H3_LEVEL, H3_RESOLUTION, PlaceRef, is_cell
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
    `IncidentFilters`. `place`: ids of imported places or of H3 cells of resolution 10. Files of unknown start are in
    no time.
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
            known to have seen any; last_seen, too, where no file's start is known.
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
_KEYS: Final[dict[CoverageBy, tuple[Any, ...]]] = {
    CoverageBy.PLACE: (_PLACE, PlaceRow.name, PlaceRow.level),
    CoverageBy.H3: (CellRow.h3,),
}


def coverage(session: Session, by: Sequence[CoverageBy], filters: CoverageFilters) -> tuple[Coverage, ...]:
    """Rows in the order of `by`, then of what was sought. By place alone, imported places that nobody is known to have
    seen are among them; without `by` one row for each thing sought. Raises `BadQuery` for a place that is none: nobody
    can have seen it, which is not the same as that nobody did.
    """
    _refuse_unknown(session, filters.place)
    by = tuple(dict.fromkeys(by))
    rows = [_row(by, tuple(row)) for row in session.execute(_query(by, filters))]
    if by in ((), (CoverageBy.PLACE,)):
        rows += _unseen(session, by, filters, rows)
    return tuple(sorted(rows, key=lambda row: (*(rank(getattr(row, name.value)) for name in by), row.sought)))


def _refuse_unknown(session: Session, places: Sequence[str]) -> None:
    imported = set(session.scalars(select(PlaceRow.id).where(PlaceRow.id.in_(places)))) if places else set()
    for place in places:
        if place not in imported and not is_cell(place):
            raise BadQuery(
                f"there is no place {place!r} to look at",
                advice=f"an id of an imported place, or an H3 cell of resolution {H3_RESOLUTION}",
            )


def _query(by: Sequence[CoverageBy], filters: CoverageFilters) -> Select[*tuple[Any, ...]]:
    """Places are tallies of their cells: a hundred times fewer than what files showed, and each of them once."""
    seen = _cells_seen(filters, by_drive=CoverageBy.DRIVE in by).subquery()
    keys = [key for name in by for key in (_KEYS[name] if name in _KEYS else (seen.c[name.value],))]
    return (
        select(
            *keys,
            seen.c.sought,
            func.count(),
            func.sum(seen.c.seconds),
            func.sum(seen.c.passes),
            func.sum(seen.c.weighed),
            func.max(seen.c.last_seen),
        )
        .select_from(seen)
        .join(CellRow, CellRow.cell == seen.c.cell)
        .outerjoin(PlaceRow, PlaceRow.id == CellRow.place_id)
        .group_by(*keys, seen.c.sought)
    )


def _cells_seen(filters: CoverageFilters, *, by_drive: bool) -> Select[*tuple[Any, ...]]:
    """Each cell with what all files asked for showed of it. Files and cells are chosen first, by their own tables: few
    of either lead to their rows by an index, where a join is begun from the largest table.
    """
    shown = FileCoverageRow
    keys = (shown.cell, shown.sought, *((FileRow.drive,) if by_drive else ()))
    query: Select[*tuple[Any, ...]] = (
        select(
            *keys,
            func.sum(shown.seconds).label("seconds"),
            func.sum(shown.passes).label("passes"),
            func.sum(shown.quality * shown.seconds).label("weighed"),
            func.max(FileRow.start_utc).label("last_seen"),
        )
        .join(FileRow, FileRow.sha256 == shown.sha256)
        .group_by(*keys)
    )
    if filters.sought:
        query = query.where(shown.sought.in_(filters.sought))
    if files := _of_files(filters):
        query = query.where(shown.sha256.in_(select(FileRow.sha256).where(*files)))
    if cells := _of_cells(filters):
        query = query.where(shown.cell.in_(select(CellRow.cell).where(*cells)))
    return query


def _of_files(filters: CoverageFilters) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    if filters.camera:
        terms.append(FileRow.camera.in_(filters.camera))
    if filters.drive:
        terms.append(FileRow.drive.in_(filters.drive))
    if filters.since is not None:
        terms.append(FileRow.start_utc >= filters.since)
    if filters.until is not None:
        terms.append(FileRow.start_utc < filters.until)
    return terms


def _of_cells(filters: CoverageFilters) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = [_PLACE.in_(filters.place)] if filters.place else []
    return terms if filters.bbox is None else [*terms, *in_bbox(CellRow.lon, CellRow.lat, filters.bbox)]


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
    # PostgreSQL's sums of sums are decimals
    return Coverage(sought, cells, round(seconds / cells, 2), round(int(passes) / cells, 2), quality, last, **fields)


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
