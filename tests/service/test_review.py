from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from pipelines.incident import Grade
from service.database import Database
from service.errors import Conflict
from service.ingest import ingest
from service.review import RejectReason, Verdict, give_verdict, standing
from service.tables import IncidentRow
from tests.service.builders import incident, judgement

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


@pytest.fixture
def three(session: Session) -> list[IncidentRow]:
    entries = ingest(session, judgement(incident(10), incident(20), incident(30)), now=NOW)
    return [session.get_one(IncidentRow, entry.id) for entry in entries]


def test_the_last_verdict_holds_and_undo_leads_back_step_by_step(session: Session, three: list[IncidentRow]) -> None:
    row = three[0]
    give_verdict(session, row, Verdict.CONFIRMED, NOW, by="Mei")
    give_verdict(session, row, Verdict.REJECTED, NOW, reason=RejectReason.PRIVACY, by="Li")
    assert row.status == "rejected"
    give_verdict(session, row, Verdict.UNDO, NOW + timedelta(seconds=5), by="Mei")
    assert (row.status, standing(row.reviews).by) == ("confirmed", "Mei")
    give_verdict(session, row, Verdict.UNDO, NOW)
    assert (row.status, standing(row.reviews)) == ("unreviewed", None)
    with pytest.raises(Conflict, match="no verdict"):
        give_verdict(session, row, Verdict.UNDO, NOW)
    assert [review.verdict for review in row.reviews] == ["confirmed", "rejected"]


def test_a_click_that_came_twice_is_one_verdict(session: Session, three: list[IncidentRow]) -> None:
    row = three[0]
    for moment in (NOW, NOW + timedelta(seconds=1)):
        give_verdict(session, row, Verdict.REJECTED, moment, reason=RejectReason.OTHER, by="Mei")
    assert (len(row.reviews), row.updated_at) == (1, NOW)
    give_verdict(session, row, Verdict.REJECTED, NOW, reason=RejectReason.OTHER, by="Li")
    give_verdict(session, row, Verdict.UNDO, NOW, by="Li")
    assert (row.status, standing(row.reviews).by) == ("rejected", "Mei")


def test_the_same_name_under_another_key_is_another_person(session: Session, three: list[IncidentRow]) -> None:
    for key in ("office", "garage", "garage"):
        give_verdict(session, three[0], Verdict.CONFIRMED, NOW, by="Mei", key_name=key)
    assert [review.key_name for review in three[0].reviews] == ["office", "garage"]


def test_two_incidents_cannot_be_duplicates_of_each_other(session: Session, three: list[IncidentRow]) -> None:
    first, second, third = three
    give_verdict(session, first, Verdict.DUPLICATE, NOW, duplicate_of=second.id)
    give_verdict(session, second, Verdict.DUPLICATE, NOW, duplicate_of=third.id)
    for original in (first, second, third):
        with pytest.raises(Conflict):
            give_verdict(session, third, Verdict.DUPLICATE, NOW, duplicate_of=original.id)
    give_verdict(session, second, Verdict.UNDO, NOW)
    give_verdict(session, third, Verdict.DUPLICATE, NOW, duplicate_of=second.id)


def test_what_does_not_count_is_no_original(session: Session) -> None:
    unclear = [incident(at_s, grade=Grade.INSUFFICIENT, missing=("position",)) for at_s in (40, 50)]
    entries = ingest(session, judgement(incident(10), incident(20), incident(30), *unclear), now=NOW)
    first, rejected, withdrawn, insufficient, other = (session.get_one(IncidentRow, entry.id) for entry in entries)
    ingest(session, judgement(incident(10), incident(20), *unclear), now=NOW)
    give_verdict(session, rejected, Verdict.REJECTED, NOW, reason=RejectReason.OTHER)
    for original, said in ((rejected, "rejected"), (withdrawn, "withdrawn"), (insufficient, "insufficient")):
        with pytest.raises(Conflict, match=said):
            give_verdict(session, first, Verdict.DUPLICATE, NOW, duplicate_of=original.id)
    assert first.reviews == []
    give_verdict(session, other, Verdict.DUPLICATE, NOW, duplicate_of=insufficient.id)
    assert other.status == "duplicate"


def test_a_duplicate_waits_for_a_person_while_its_original_is_rejected(
    session: Session, three: list[IncidentRow]
) -> None:
    first, second, third = three
    give_verdict(session, first, Verdict.DUPLICATE, NOW, duplicate_of=second.id)
    give_verdict(session, second, Verdict.DUPLICATE, NOW, duplicate_of=third.id)
    later = NOW + timedelta(hours=1)
    give_verdict(session, third, Verdict.REJECTED, later, reason=RejectReason.OTHER)
    assert [row.status for row in three] == ["duplicate", "unreviewed", "rejected"]
    assert [row.updated_at for row in three] == [NOW, later, later]
    give_verdict(session, second, Verdict.REJECTED, later, reason=RejectReason.OTHER)
    assert [row.status for row in three] == ["unreviewed", "rejected", "rejected"]
    give_verdict(session, second, Verdict.UNDO, later)
    give_verdict(session, third, Verdict.UNDO, later)
    assert [row.status for row in three] == ["duplicate", "duplicate", "unreviewed"]


def test_a_duplicate_follows_its_original_through_judgements(session: Session, three: list[IncidentRow]) -> None:
    first, second, _ = three
    give_verdict(session, first, Verdict.DUPLICATE, NOW, duplicate_of=second.id)
    later = NOW + timedelta(hours=1)
    ingest(session, judgement(incident(10), incident(30)), now=later)
    assert [(row.status, row.updated_at) for row in three] == [
        ("unreviewed", later),
        ("withdrawn", later),
        ("unreviewed", NOW),
    ]
    ingest(session, judgement(incident(10), incident(20), incident(30)), now=later)
    assert [row.status for row in three] == ["duplicate", "unreviewed", "unreviewed"]


def test_an_undone_verdict_leaves_one_of_two_duplicates_to_count(session: Session, three: list[IncidentRow]) -> None:
    first, second, _ = three
    give_verdict(session, first, Verdict.DUPLICATE, NOW, duplicate_of=second.id)
    give_verdict(session, first, Verdict.CONFIRMED, NOW)
    give_verdict(session, second, Verdict.DUPLICATE, NOW, duplicate_of=first.id)
    give_verdict(session, first, Verdict.UNDO, NOW)
    assert sorted([first.status, second.status]) == ["duplicate", "unreviewed"]


def test_a_withdrawn_incident_takes_no_verdict(session: Session, three: list[IncidentRow]) -> None:
    ingest(session, judgement(), now=NOW)
    with pytest.raises(Conflict, match="withdrawn"):
        give_verdict(session, three[0], Verdict.CONFIRMED, NOW)


def test_a_verdict_shows_in_what_changed(session: Session, three: list[IncidentRow]) -> None:
    later = NOW + timedelta(hours=1)
    give_verdict(session, three[0], Verdict.CONFIRMED, later)
    assert [row.updated_at for row in three] == [later, NOW, NOW]
