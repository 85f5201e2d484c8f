from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import make_transient

from pipelines.batch.ledger import FileKey, FileStatus
from pipelines.incident import FileRef, Grade, Judgement, Kind
from service.database import Database, open_database
from service.ingest import Change, Ingested, ingest, local_start
from service.ledger import DatabaseLedger
from service.review import Verdict, give_verdict
from service.sink import DatabaseSink
from service.tables import Base, FileRow, IncidentRow, JudgementRow
from tests.service.builders import CAMERA, START, file, filmed_by, incident, judgement

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def put(database: Database, given: Judgement, now: datetime = NOW) -> tuple[Ingested, ...]:
    with database.write() as session:
        return ingest(session, given, now=now)


def statuses(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.id: row.status for row in session.scalars(select(IncidentRow).order_by(IncidentRow.id))}


def contents(database: Database, *, without: Sequence[str] = ()) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    result = {}
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in without]
            result[table.name] = sorted(tuple(map(repr, row)) for row in session.execute(select(*columns)))
    return result


def test_twice_is_once(database: Database) -> None:
    given = judgement(incident(10), incident(20), incident(70, Kind.ILLEGAL_PARKING))
    put(database, given)
    before = contents(database)
    again = put(database, given, NOW + timedelta(hours=1))
    assert {entry.change for entry in again} == {Change.UNCHANGED}
    assert contents(database) == before


def test_a_new_rule_version_updates_the_incident_it_finds_again(database: Database) -> None:
    (first,) = put(database, judgement(incident(10)))
    changed = replace(incident(10), rule="litter/2", grade=Grade.CLUE, pts_end=12.5)
    assert put(database, judgement(changed)) == (Ingested(first.id, Change.UPDATED),)
    with database.read() as session:
        row = session.get_one(IncidentRow, first.id)
        assert (row.rule, row.grade, row.pts_end) == ("litter/2", "clue", 12.5)


def test_what_is_not_found_again_is_withdrawn_and_comes_back_with_its_review(database: Database) -> None:
    first, second = put(database, judgement(incident(10), incident(20)))
    with database.write() as session:
        give_verdict(session, session.get_one(IncidentRow, second.id), Verdict.CONFIRMED, NOW, by="Mei")
    assert put(database, judgement(incident(10)))[1:] == (Ingested(second.id, Change.WITHDRAWN),)
    assert statuses(database) == {first.id: "unreviewed", second.id: "withdrawn"}
    put(database, judgement(incident(10), incident(20)))
    assert statuses(database) == {first.id: "unreviewed", second.id: "confirmed"}


def test_kinds_that_were_not_judged_are_left_alone(database: Database) -> None:
    put(database, judgement(incident(10), incident(20, Kind.ILLEGAL_PARKING)))
    put(database, replace(judgement(), kinds=(Kind.LITTER,)))
    assert sorted(statuses(database).values()) == ["unreviewed", "withdrawn"]


def test_files_that_were_not_judged_are_left_alone(database: Database) -> None:
    put(database, judgement(incident(10), incident(70)))
    put(database, judgement(files=(file(0),)))
    assert list(statuses(database).values()) == ["withdrawn", "unreviewed"]


def test_other_cameras_are_left_alone(database: Database) -> None:
    put(database, judgement(incident(10)))
    put(database, filmed_by("car7/rear", "drive-7", judgement(incident(10))))
    put(database, filmed_by("car7/rear", "drive-7", judgement()))
    assert sorted(statuses(database).values()) == ["unreviewed", "withdrawn"]


def test_a_drive_chained_anew_keeps_its_incidents(database: Database) -> None:
    """An earlier file arrived late: another drive id, other track ids, the same incidents."""
    (first,) = put(database, judgement(incident(70), drive="later", files=(file(1),)))
    subject = replace(incident(70).subject, track=500)
    again = put(database, judgement(incident(10), replace(incident(70), subject=subject), drive="whole"))
    assert again[1] == Ingested(first.id, Change.UPDATED)
    assert len(statuses(database)) == 2
    with database.read() as session:
        assert session.get_one(FileRow, file(1).sha256).drive == "whole"


def test_a_file_with_other_bytes_of_the_same_minute_makes_no_second_incident(database: Database) -> None:
    copy = file(0, copy="copy")
    put(database, judgement(incident(10)))
    ref = FileRef(copy.name, copy.sha256)
    put(database, judgement(replace(incident(10), file=ref), drive="copy", files=(copy,)))
    assert list(statuses(database).values()) == ["unreviewed"]


def test_the_same_content_under_another_camera_is_the_same_footage(database: Database) -> None:
    """A copy of the folder, scanned on another machine."""
    found = put(database, judgement(incident(10), incident(20)))
    with database.write() as session:
        give_verdict(session, session.get_one(IncidentRow, found[1].id), Verdict.CONFIRMED, NOW, by="Mei")
    copied = replace(judgement(incident(10), incident(20)), drive="drive-copy", camera="backup")
    assert put(database, copied) == tuple(Ingested(entry.id, Change.UPDATED) for entry in found)
    assert statuses(database) == {found[0].id: "unreviewed", found[1].id: "confirmed"}
    with database.read() as session:
        assert {row.camera for row in session.scalars(select(FileRow))} == {"backup"}
        assert {row.camera for row in session.scalars(select(IncidentRow))} == {"backup"}


def test_a_copy_is_judged_anew_and_what_it_lacks_is_withdrawn(database: Database) -> None:
    """It lies beside another site file: the last word on the footage is what stands."""
    first, second = put(database, judgement(incident(10), incident(20)))
    copied = replace(judgement(replace(incident(10), rule="litter/2")), drive="drive-copy", camera="backup")
    assert put(database, copied) == (Ingested(first.id, Change.UPDATED), Ingested(second.id, Change.WITHDRAWN))
    put(database, judgement(incident(10), incident(20)))
    assert statuses(database) == {first.id: "unreviewed", second.id: "unreviewed"}


def test_what_was_looked_for_in_a_file_was_looked_for_whatever_it_is_called_later(database: Database) -> None:
    """Else zeros of the kinds that the copy was not judged for would be null again."""
    before = judgement(files=(file(0),))
    again = replace(before, drive="drive-copy", camera="backup", kinds=(Kind.LITTER,))
    for part in (before, again, before, replace(again, drive="drive-9")):
        put(database, part)
        with database.read() as session:
            row = session.get_one(JudgementRow, (part.drive, part.camera))
            assert set(row.kinds.split(",")) == set(Kind)
    put(database, replace(again, drive="drive-10", files=(file(1),)))
    with database.read() as session:
        assert session.get_one(JudgementRow, ("drive-10", "backup")).kinds == "litter"


def test_a_copy_of_one_file_of_a_drive_is_not_counted_beside_the_drive(database: Database) -> None:
    """What crosses into the second file belongs to the first; alone the second finds it again, at the same place."""
    crossing = replace(incident(59), end=START + timedelta(seconds=64), pts_end=64.0)
    (whole,) = put(database, judgement(crossing))
    later = file(1)
    rest = replace(
        incident(61), file=FileRef(later.name, later.sha256), location=crossing.location, pts_start=0.0, pts_end=4.0
    )
    alone = replace(judgement(rest, files=(later,)), drive="drive-copy", camera="backup")
    assert put(database, alone) == (Ingested(whole.id, Change.UPDATED),)


def test_what_was_stored_twice_for_two_names_of_a_camera_becomes_one_again(database: Database) -> None:
    """As by versions for which a copy was other footage; the duplicate goes, whichever name is judged next."""
    (kept,) = put(database, judgement(incident(10)))
    with database.write() as session:
        twin = session.get_one(IncidentRow, kept.id)
        session.expunge(twin)
        make_transient(twin)
        twin.id, twin.camera, twin.evidence, twin.reviews = twin.id[:-1] + "x", CAMERA, [], []
        session.add(twin)
        session.flush()
        give_verdict(session, twin, Verdict.DUPLICATE, NOW, duplicate_of=kept.id)
    changed = judgement(replace(incident(10), pts_end=12.5))
    assert put(database, replace(changed, camera="backup")) == (
        Ingested(kept.id, Change.UPDATED),
        Ingested(twin.id, Change.WITHDRAWN),
    )


def test_judgement_and_ledger_go_together_or_not_at_all(database: Database) -> None:
    key, ledger = FileKey("a" * 64, "c" * 64), DatabaseLedger(database)
    broken = replace(incident(10), confidence=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        DatabaseSink(database).submit(judgement(incident(20), broken), [key])
    assert statuses(database) == {}
    assert ledger.state(key) is None
    DatabaseSink(database).submit(judgement(incident(20)), [key])
    assert ledger.state(key).status is FileStatus.DONE


def test_days_and_weeks_are_those_of_the_place(database: Database) -> None:
    late = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)  # Sunday night in Greenwich, Monday morning in Shanghai
    put(database, judgement(replace(incident(10), start=late, end=late)))
    with database.read() as session:
        row = session.scalars(select(IncidentRow)).one()
        assert (row.local_day, row.local_week) == ("2026-11-30", "2026-W49")


def test_a_zone_nobody_knows_is_no_reason_to_lose_an_incident() -> None:
    assert local_start(NOW, "Mars/Olympus") == NOW
    assert local_start(None, "Asia/Shanghai") is None


LATE = ("created_at", "updated_at", "received_at")

incidents = st.builds(
    lambda at, kind: incident(at, kind), st.integers(0, 170), st.sampled_from([Kind.LITTER, Kind.ILLEGAL_PARKING])
)
judgements = st.lists(st.lists(incidents, max_size=4), min_size=1, max_size=4).map(
    lambda drives: [
        filmed_by(f"car{number}", f"drive-{number}", judgement(*found)) for number, found in enumerate(drives)
    ]
)


def database_after(given: Sequence[Judgement]) -> dict[str, list[tuple[object, ...]]]:
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'patrol.db'}")
        for part in given:
            put(database, part)
        result = contents(database, without=LATE)
        database.close()
    return result


@settings(max_examples=15)
@given(judgements, st.data())
def test_order_and_repetition_do_not_matter(given: list[Judgement], data: st.DataObject) -> None:
    """The spool of one car may come before or after another's, and everything may be sent again."""
    repeated = data.draw(st.lists(st.sampled_from(given), max_size=4))
    shuffled = data.draw(st.permutations(given + repeated))
    assert database_after(shuffled) == database_after(given)


@settings(max_examples=15)
@given(st.lists(st.lists(incidents, max_size=5), min_size=1, max_size=4))
def test_the_last_judgement_of_a_drive_is_what_stands(history: list[list]) -> None:
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'patrol.db'}")
        for found in history:
            entries = put(database, judgement(*found))
        standing = {row for row, status in statuses(database).items() if status != "withdrawn"}
        database.close()
    assert standing == {entry.id for entry in entries if entry.change is not Change.WITHDRAWN}


def test_many_writers_at_once_make_no_double(database: Database) -> None:
    """Two scans of one drive, or a client that sends again because it got no answer in time."""
    parts = [judgement(incident(10), incident(20)), judgement(incident(10), incident(20), incident(70))]
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda part: put(database, part), parts * 4))
    created = [entry for result in results for entry in result if entry.change is Change.CREATED]
    assert len(created) == len(statuses(database)) == 3
