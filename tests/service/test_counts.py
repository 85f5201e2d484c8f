from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import h3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pipelines.incident import Grade, Kind
from pipelines.judge import JUDGED_KINDS
from service.counts import By, Tally, count
from service.database import Database, open_database
from service.filters import IncidentFilters
from service.ingest import ingest
from service.places import Place, import_places
from service.review import RejectReason, Status, Verdict, give_verdict
from service.tables import IncidentRow
from tests.service.builders import START, a_patrol, areas, file, incident, judgement

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def passing(*places: Place, number: int = 0):
    """A file whose camera passed the middle of the places."""
    centres = [place.polygon.centroid for place in places]
    cells = tuple(h3.latlng_to_cell(centre.y, centre.x, 12) for centre in centres)
    return replace(file(number), cells=cells)


def tallies(database: Database, *by: By, **filters: object) -> tuple[Tally, ...]:
    with database.read() as session:
        return count(session, by, IncidentFilters(**filters))  # type: ignore[arg-type]


def put(database: Database, *incidents: object, **kw: object) -> None:
    with database.write() as session:
        ingest(session, judgement(*incidents, **kw), now=NOW)  # type: ignore[arg-type]


@pytest.fixture
def mapped(database: Database) -> Database:
    with database.write() as session:
        import_places(session, areas())
    return database


def test_a_zero_stays_when_the_file_is_judged_for_less_under_another_name(mapped: Database) -> None:
    passed = judgement(files=(passing(*areas()),))
    for part in (passed, replace(passed, drive="drive-copy", camera="backup", kinds=(Kind.LITTER,))):
        with mapped.write() as session:
            ingest(session, part, now=NOW)
        assert {tally.count for tally in tallies(mapped, By.PLACE, By.KIND)} == {0}


def test_totals_of_nothing(database: Database) -> None:
    assert tallies(database) == (Tally(0, 0),)
    assert tallies(database, By.KIND) == ()


def test_any_combination(database: Database, tmp_path) -> None:
    from pipelines.evidence.store import EvidenceStore

    with database.write() as session:
        for part in a_patrol(EvidenceStore(tmp_path)):
            ingest(session, part, now=NOW)
    assert [(row.kind, row.count) for row in tallies(database, By.KIND)] == [
        (Kind.ILLEGAL_PARKING, 1),
        (Kind.LITTER, 5),
        (Kind.RED_LIGHT_RUNNING, 1),
    ]
    assert [(row.drive, row.week, row.count) for row in tallies(database, By.DRIVE, By.WEEK)] == [
        ("drive-7", "2026-W48", 5),
        ("drive-8", "2026-W48", 1),
        ("drive-8", None, 1),
    ]
    assert [(row.status, row.count) for row in tallies(database, By.STATUS)] == [(Status.UNREVIEWED, 7)]


def test_place_without_incidents_is_zero_only_if_somebody_passed(mapped: Database) -> None:
    west, east, _ = areas()
    put(mapped, incident(5), files=(passing(west, east),))
    assert {row.place.id: row.count for row in tallies(mapped, By.PLACE)} == {"west": 1, "east": 0, "far": None}


def test_rows_are_in_the_order_of_by_zeros_and_nulls_among_them(mapped: Database) -> None:
    west, east, _ = areas()
    put(mapped, incident(5), incident(15, Kind.ILLEGAL_PARKING), files=(passing(west, east),))
    put(mapped, incident(25, location=None), drive="drive-8")
    assert [row.place and row.place.id for row in tallies(mapped, By.PLACE)] == ["east", "far", "west", None]
    kinds = (Kind.LITTER, Kind.ILLEGAL_PARKING)
    rows = [(row.kind, row.place and row.place.id) for row in tallies(mapped, By.KIND, By.PLACE, kind=kinds)]
    parking, litter = Kind.ILLEGAL_PARKING, Kind.LITTER
    assert rows == [
        *((parking, place) for place in ("east", "far", "west")),
        *((litter, place) for place in ("east", "far", "west", None)),
    ]


def test_passing_in_another_week_is_not_looking_in_this_one(mapped: Database) -> None:
    put(mapped, files=(passing(areas()[0]),))
    later = tallies(mapped, By.PLACE, since=START + timedelta(days=3))
    assert {row.place.id: row.count for row in later} == {"west": None, "east": None, "far": None}


def test_looking_for_one_kind_is_not_looking_for_another(mapped: Database) -> None:
    with mapped.write() as session:
        only_litter = replace(judgement(files=(passing(areas()[0]),)), kinds=(Kind.LITTER,))
        ingest(session, only_litter, now=NOW)
    parking = tallies(mapped, By.PLACE, By.KIND, kind=(Kind.ILLEGAL_PARKING,), place=("west",))
    litter = tallies(mapped, By.PLACE, By.KIND, kind=(Kind.LITTER,), place=("west",))
    assert (parking[0].count, litter[0].count) == (None, 0)


def test_where_nobody_looked_every_kind_there_is_a_rule_for_is_null(mapped: Database) -> None:
    assert {(row.place.id, row.kind): row.count for row in tallies(mapped, By.PLACE, By.KIND)} == dict.fromkeys(
        ((place.ref.id, kind) for place in areas() for kind in JUDGED_KINDS), None
    )


def test_kinds_that_somebody_else_looked_for_are_told_too(mapped: Database) -> None:
    with mapped.write() as session:
        ingest(session, replace(judgement(files=(passing(areas()[0]),)), kinds=(Kind.WRONG_WAY,)), now=NOW)
    west = {row.kind: row.count for row in tallies(mapped, By.PLACE, By.KIND, place=("west",))}
    assert west == dict.fromkeys(JUDGED_KINDS, None) | {Kind.WRONG_WAY: 0}


def test_a_judgement_of_no_kind_is_no_look(mapped: Database) -> None:
    """The API refuses it; a database may hold one from before it did."""
    with mapped.write() as session:
        ingest(session, replace(judgement(files=(passing(areas()[0]),)), kinds=()), now=NOW)
    assert {row.count for row in tallies(mapped, By.PLACE, By.KIND)} == {None}
    assert tallies(mapped, By.PLACE, place=("west",))[0].count is None


def test_a_place_is_zero_only_if_all_kinds_asked_for_were_looked_for(mapped: Database) -> None:
    with mapped.write() as session:
        only_litter = replace(judgement(files=(passing(areas()[0]),)), kinds=(Kind.LITTER,))
        ingest(session, only_litter, now=NOW)

    def count_of(*kinds: Kind) -> int | None:
        return tallies(mapped, By.PLACE, kind=kinds, place=("west",))[0].count

    assert (count_of(), count_of(Kind.LITTER), count_of(Kind.LITTER, Kind.ILLEGAL_PARKING)) == (0, 0, None)


def test_rejecting_the_only_incident_leaves_zero(mapped: Database) -> None:
    put(mapped, incident(5))
    put(mapped)
    assert {row.place.id: row.count for row in tallies(mapped, By.PLACE)} == {"west": 0, "east": None, "far": None}


@pytest.mark.parametrize("fate", ["rejected", "withdrawn", "insufficient"])
def test_a_duplicate_counts_once_its_original_does_not(database: Database, fate: str) -> None:
    put(database, incident(5), incident(15))
    with database.write() as session:
        one, other = session.scalars(select(IncidentRow).order_by(IncidentRow.id))
        give_verdict(session, one, Verdict.DUPLICATE, NOW, duplicate_of=other.id)
    assert tallies(database) == (Tally(1, 1),)
    match fate:
        case "rejected":
            with database.write() as session:
                other = session.get_one(IncidentRow, other.id)
                give_verdict(session, other, Verdict.REJECTED, NOW, reason=RejectReason.OTHER)
        case "withdrawn":
            put(database, incident(5))
        case "insufficient":
            put(database, incident(5), incident(15, grade=Grade.INSUFFICIENT, missing=("position",)))
    assert tallies(database) == (Tally(1, 1),)


def test_places_outside_the_box_asked_for_are_not_listed(mapped: Database) -> None:
    assert [row.place.id for row in tallies(mapped, By.PLACE, bbox=(120.9, 30, 121.2, 31))] == ["far"]
    assert [row.place.id for row in tallies(mapped, By.PLACE, bbox=(120.9, 30, -170, 31))] == ["far"]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 170), st.sampled_from(Kind)), max_size=12, unique_by=lambda pair: pair[0]))
def test_every_breakdown_adds_up_to_the_total(tmp_path_factory, found) -> None:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'patrol.db'}")
    put(database, *(incident(at, kind) for at, kind in found))
    with database.read() as session:
        rows = session.scalars(select(IncidentRow)).all()
        total = sum(row.grade != "insufficient" for row in rows)
    for by in ([By.KIND], [By.PLACE], [By.DAY, By.H3], [By.KIND, By.PLACE, By.DRIVE, By.STATUS, By.WEEK]):
        assert sum(row.count or 0 for row in tallies(database, *by)) == total
    database.close()
