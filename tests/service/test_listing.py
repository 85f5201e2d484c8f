from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.database import Database
from service.errors import BadQuery
from service.filters import IncidentFilters
from service.ingest import ingest
from service.listing import list_incidents
from service.tables import IncidentRow
from tests.service.builders import START, filmed_by, incident, judgement


def put(database: Database, camera: str, now: datetime, *at: int, has_clock: bool) -> None:
    found = [incident(second) for second in at]
    if not has_clock:
        found = [replace(one, start=None, end=None, time_uncertainty_s=None, location=None) for one in found]
    with database.write() as session:
        ingest(session, filmed_by(camera, camera, judgement(*found)), now=now)


@pytest.fixture
def mixed(database: Database) -> Database:
    """Two cameras with a clock, and one without whose finds came in between."""
    put(database, "front", START + timedelta(hours=1), 10, 20, has_clock=True)
    put(database, "blind", START + timedelta(seconds=15), 30, 40, 50, has_clock=False)
    put(database, "rear", START + timedelta(hours=2), 10, 20, has_clock=True)
    return database


def pages(database: Database, filters: IncidentFilters, limit: int) -> list[IncidentRow]:
    rows: list[IncidentRow] = []
    cursor = None
    with database.read() as session:
        while True:
            page = list_incidents(session, filters, limit=limit, cursor=cursor)
            rows += page.rows
            if page.next is None:
                return rows
            cursor = page.next


def test_what_has_no_clock_stands_at_the_time_it_came_in(mixed: Database) -> None:
    rows = pages(mixed, IncidentFilters(), limit=100)
    assert [row.start_utc is None for row in rows] == [False, False, True, True, True, False, False]


@pytest.mark.parametrize("filters", [IncidentFilters(), IncidentFilters(updated_since=START)])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_cut_through_equal_times_without_loss(mixed: Database, filters: IncidentFilters, limit: int) -> None:
    rows = pages(mixed, filters, limit)
    assert [row.id for row in rows] == [row.id for row in pages(mixed, filters, limit=100)]
    assert len({row.id for row in rows}) == 7


def test_judging_again_moves_nothing_that_has_no_clock(mixed: Database) -> None:
    before = [row.id for row in pages(mixed, IncidentFilters(), limit=100)]
    put(mixed, "blind", START + timedelta(days=1), 30, 40, 50, has_clock=False)
    assert [row.id for row in pages(mixed, IncidentFilters(), limit=100)] == before


def test_a_clock_that_becomes_known_moves_the_incident_to_its_time(mixed: Database) -> None:
    put(mixed, "blind", START + timedelta(days=1), 30, 40, 50, has_clock=True)
    with mixed.read() as session:
        assert all(row.sort_at == row.start_utc for row in session.scalars(select(IncidentRow)))


@pytest.mark.parametrize("cursor", ["", "%", "AAAA", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHww", "MjAyNi0xMS0yNHww"])
def test_a_cursor_that_is_none_is_refused(mixed: Database, cursor: str) -> None:
    """The last two: a time before all years, and one without a zone."""
    with pytest.raises(BadQuery), mixed.read() as session:
        list_incidents(session, IncidentFilters(), limit=1, cursor=cursor)
