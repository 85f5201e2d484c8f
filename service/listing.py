"""Pages of incidents, newest first, or in the order of their last change for those who follow along."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select, tuple_
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
    """The newest come first, those without a clock by when they came in; with `updated_since` those changed longest
    ago come first.

    A cursor is a position, not a number of rows: nothing is skipped or shown twice when rows come in meanwhile.
    """
    query = select(IncidentRow).where(*conditions(filters)).limit(limit + 1)
    follows = filters.updated_since is not None
    position = None if cursor is None else _position(cursor)
    rows = list(session.scalars(_following(query, position) if follows else _newest(query, position)))
    if len(rows) <= limit:
        return Page(tuple(rows), None)
    last = rows[limit - 1]
    return Page(tuple(rows[:limit]), _cursor(last.updated_at if follows else last.sort_at, last.id))


def find_incident(session: Session, incident: str) -> IncidentRow:
    row = session.get(IncidentRow, incident)
    if row is None:
        raise NotFound(f"no incident {incident}")
    return row


def _newest(query: Select[IncidentRow], position: tuple[datetime, str] | None) -> Select[IncidentRow]:
    query = query.order_by(IncidentRow.sort_at.desc(), IncidentRow.id.desc())
    return query if position is None else query.where(tuple_(IncidentRow.sort_at, IncidentRow.id) < position)


def _following(query: Select[IncidentRow], position: tuple[datetime, str] | None) -> Select[IncidentRow]:
    query = query.order_by(IncidentRow.updated_at, IncidentRow.id)
    return query if position is None else query.where(tuple_(IncidentRow.updated_at, IncidentRow.id) > position)


def _cursor(time: datetime, incident: str) -> str:
    return base64.urlsafe_b64encode(f"{time.isoformat()}|{incident}".encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        time_text, incident = text.split("|")
        time = datetime.fromisoformat(time_text)
        if time.tzinfo is None or "\0" in incident:
            raise _bad_cursor(cursor)
        return time.astimezone(UTC), incident
    except (binascii.Error, ValueError, OverflowError) as error:
        raise _bad_cursor(cursor) from error


def _bad_cursor(cursor: str) -> BadQuery:
    return BadQuery(f"{cursor!r} is no cursor of this list", advice="take it from `next` of the page before")
