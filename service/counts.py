"""How many, where, when: tallies of distinct incidents. Pure query building, and the rows it gives.

Left out: rejected ones, duplicates, withdrawn ones, and `insufficient` sightings, unless a filter asks for them by
name or the tally is by status. Unreviewed ones are counted and told apart. In tallies by place, or by place and kind,
an imported place without any is 0 if a camera is known to have passed it, else None. Its kinds are those asked for, or
all that there are rules for or that were looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from pipelines.incident import Grade, Kind
from pipelines.judge import JUDGED_KINDS
from service.breakdown import rank
from service.filters import Bbox, IncidentFilters, conditions
from service.places import PlaceRef
from service.review import Status
from service.tables import CellRow, FileCellRow, FileRow, IncidentRow, JudgementRow, PlaceRow

NOT_COUNTED: Final = (Status.REJECTED, Status.DUPLICATE, Status.WITHDRAWN)


class By(StrEnum):
    """What a tally may be broken down by."""

    PLACE = "place"
    KIND = "kind"
    DAY = "day"
    WEEK = "week"
    H3 = "h3"
    STATUS = "status"
    DRIVE = "drive"


@dataclass(frozen=True, slots=True)
class Tally:
    """One row; what it is not broken down by is None. `count`, `unreviewed`: None where nobody can have looked."""

    count: int | None
    unreviewed: int | None
    place: PlaceRef | None = None
    kind: Kind | None = None
    day: str | None = None
    week: str | None = None
    h3: str | None = None
    status: Status | None = None
    drive: str | None = None


_COLUMNS: Final[dict[By, tuple[Any, ...]]] = {
    By.PLACE: (IncidentRow.place_id, IncidentRow.place_name, IncidentRow.place_level),
    By.KIND: (IncidentRow.kind,),
    By.DAY: (IncidentRow.local_day,),
    By.WEEK: (IncidentRow.local_week,),
    By.H3: (IncidentRow.h3,),
    By.STATUS: (IncidentRow.status,),
    By.DRIVE: (IncidentRow.drive,),
}


_KEY: Final[dict[By, Callable[[str], object]]] = {By.KIND: Kind, By.STATUS: Status}


def count(session: Session, by: Sequence[By], filters: IncidentFilters) -> tuple[Tally, ...]:
    """Rows in the order of `by`, places by their ids and what is unknown last; without `by` one row of totals."""
    by = tuple(dict.fromkeys(by))
    rows = [_tally(by, tuple(row)) for row in session.execute(count_query(by, filters))]
    if set(by) in ({By.PLACE}, {By.PLACE, By.KIND}):
        rows += _unlooked(session, by, filters, rows)
    return tuple(sorted(rows, key=lambda row: tuple(rank(getattr(row, name.value)) for name in by)))


def count_query(by: Sequence[By], filters: IncidentFilters) -> Select[*tuple[Any, ...]]:
    keys = [column for name in by for column in _COLUMNS[name]]
    unreviewed = func.coalesce(func.sum(case((IncidentRow.status == Status.UNREVIEWED.value, 1), else_=0)), 0)
    return select(*keys, func.count(IncidentRow.id), unreviewed).where(*_counted(by, filters)).group_by(*keys)


def _counted(by: Sequence[By], filters: IncidentFilters) -> list[ColumnElement[bool]]:
    terms = conditions(filters)
    if not filters.status and By.STATUS not in by:
        terms.append(IncidentRow.status.not_in([status.value for status in NOT_COUNTED]))
    if not filters.grade:
        terms.append(IncidentRow.grade != Grade.INSUFFICIENT.value)
    return terms


def _tally(by: Sequence[By], values: tuple[Any, ...]) -> Tally:
    *keys, total, unreviewed = values
    fields: dict[str, Any] = {}
    for name in by:
        if name is By.PLACE:
            place, keys = keys[:3], keys[3:]
            fields["place"] = None if place[0] is None else PlaceRef(*place)
        else:
            fields[name.value], keys = _KEY.get(name, str)(keys[0]) if keys[0] is not None else None, keys[1:]
    return Tally(int(total), int(unreviewed), **fields)


def _unlooked(session: Session, by: Sequence[By], filters: IncidentFilters, rows: Sequence[Tally]) -> list[Tally]:
    """The imported places (and kinds) that have no row: 0 where somebody looked for it, else None."""
    looked = _looked(session, filters)
    places = [PlaceRef(*row) for row in session.execute(places_asked_for(filters.place, filters.bbox))]
    if By.KIND not in by:
        listed = {row.place.id for row in rows if row.place is not None}
        return [
            _empty(place, None, _is_looked(place.id, filters.kind, looked))
            for place in places
            if place.id not in listed
        ]
    found = {(row.place.id, row.kind) for row in rows if row.place is not None}
    kinds = set(filters.kind) or {*JUDGED_KINDS, *(Kind(kind) for _, kind in looked)}
    return [
        _empty(place, kind, (place.id, kind) in looked)
        for place in places
        for kind in kinds
        if (place.id, kind) not in found
    ]


def _is_looked(place: str, kinds: Sequence[Kind], looked: set[tuple[str, str]]) -> bool:
    """For all the kinds asked for; for any at all where none are named."""
    return all((place, kind.value) in looked for kind in kinds) if kinds else any(place == seen for seen, _ in looked)


def _empty(place: PlaceRef, kind: Kind | None, looked: bool) -> Tally:
    number = 0 if looked else None
    return Tally(number, number, place=place, kind=kind)


def _looked(session: Session, filters: IncidentFilters) -> set[tuple[str, str]]:
    """Places with the kinds that were looked for in them: a camera passed, or something was found, whatever became
    of it.
    """
    terms = conditions(replace(filters, status=(), grade=(), bbox=None))
    incidents = select(IncidentRow.place_id, IncidentRow.kind).where(IncidentRow.place_id.is_not(None), *terms)
    found = {(str(place), str(kind)) for place, kind in session.execute(incidents.distinct())}
    passed = {(str(place), kind) for place, kinds in session.execute(_passed(filters)) for kind in _listed(kinds)}
    wanted = {kind.value for kind in filters.kind}
    return {(place, kind) for place, kind in found | passed if not wanted or kind in wanted}


def _listed(kinds: str) -> list[str]:
    """The kinds of a `JudgementRow`; an empty text lists none."""
    return [kind for kind in kinds.split(",") if kind]


def places_asked_for(ids: Sequence[str], bbox: Bbox | None) -> Select[*tuple[Any, ...]]:
    """Id, name and level of imported places."""
    query: Select[*tuple[Any, ...]] = select(PlaceRow.id, PlaceRow.name, PlaceRow.level)
    if ids:
        query = query.where(PlaceRow.id.in_(ids))
    if bbox is not None:
        west, south, east, north = bbox
        across = PlaceRow.east >= west, PlaceRow.west <= east
        query = query.where(PlaceRow.south <= north, PlaceRow.north >= south)
        query = query.where(*across) if west <= east else query.where(or_(*across))
    return query


def _passed(filters: IncidentFilters) -> Select[*tuple[Any, ...]]:
    """Imported places that files which began in the time asked for passed, with the kinds looked for in them."""
    query: Select[*tuple[Any, ...]] = (
        select(CellRow.place_id, JudgementRow.kinds)
        .join(FileCellRow, FileCellRow.cell == CellRow.cell)
        .join(FileRow, FileRow.sha256 == FileCellRow.sha256)
        .join(JudgementRow, and_(JudgementRow.drive == FileRow.drive, JudgementRow.camera == FileRow.camera))
        .where(CellRow.place_id.is_not(None))
        .distinct()
    )
    if filters.since is not None:
        query = query.where(FileRow.start_utc >= filters.since)
    if filters.until is not None:
        query = query.where(FileRow.start_utc < filters.until)
    if filters.camera:
        query = query.where(FileRow.camera.in_(filters.camera))
    return query.where(FileRow.drive.in_(filters.drive)) if filters.drive else query
