"""Pages of incidents, newest first, or in the order of their last change for those who follow along."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from service.errors import BadQuery, NotFound
from service.filters import IncidentFilters, conditions
from service.tables import IncidentRow


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: cursor of the page after, None at the end."""

    rows: tuple[IncidentRow, ...]
    next: str | None


def list_incidents(session: Session, filters: IncidentFilters, *, limit: int, cursor: str | None = None) -> Page:
    """Ids sort by time, so the newest come first; with `updated_since` those changed longest ago come first.

    A cursor is a position, not a number of rows: nothing is skipped or shown twice when rows come in meanwhile.
    """
    query = select(IncidentRow).where(*conditions(filters)).limit(limit + 1)
    follows = filters.updated_since is not None
    query = _following(query, cursor) if follows else _newest(query, cursor)
    rows = list(session.scalars(query))
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(tuple(rows), _cursor(rows, follows) if more else None)


def find_incident(session: Session, incident: str) -> IncidentRow:
    row = session.get(IncidentRow, incident)
    if row is None:
        raise NotFound(f"no incident {incident}")
    return row


def _newest(query: Select[IncidentRow], cursor: str | None) -> Select[IncidentRow]:
    query = query.order_by(IncidentRow.id.desc())
    return query if cursor is None else query.where(IncidentRow.id < _decoded(cursor, 1)[0])


def _following(query: Select[IncidentRow], cursor: str | None) -> Select[IncidentRow]:
    query = query.order_by(IncidentRow.updated_at, IncidentRow.id)
    if cursor is None:
        return query
    updated, incident = _decoded(cursor, 2)
    return query.where(_after(_instant(updated), incident))


def _after(updated: datetime, incident: str) -> ColumnElement[bool]:
    later: ColumnElement[bool] = tuple_(IncidentRow.updated_at, IncidentRow.id) > (updated, incident)
    return later


def _cursor(rows: Sequence[IncidentRow], follows: bool) -> str:
    last = rows[-1]
    parts = [last.updated_at.isoformat(), last.id] if follows else [last.id]
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def _decoded(cursor: str, parts: int) -> list[str]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor(cursor) from error
    found = text.split("|")
    if len(found) != parts or "\0" in text:
        raise _bad_cursor(cursor)
    return found


def _instant(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _bad_cursor(text) from error
    if time.tzinfo is None:
        raise _bad_cursor(text)
    return time


def _bad_cursor(cursor: str) -> BadQuery:
    return BadQuery(f"{cursor!r} is no cursor of this list", advice="take it from `next` of the page before")
