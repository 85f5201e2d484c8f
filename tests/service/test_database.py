from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import h3
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, select, text

from service import migrations
from service.database import Database, open_database
from service.errors import DatabaseLocked, DatabaseUnreadable, NewerSchema
from service.tables import Base, CameraRow, CellRow, FileCellRow, FileRow, IncidentRow
from tests.service.builders import between_cells


def test_migrations_build_exactly_the_tables(database: Database, database_url: str) -> None:
    """The database is a copy of one that `open_database` made from nothing."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_contents_that_two_cameras_shared_are_kept_as_they_were_judged_last(database_url: str) -> None:
    """A database of the first schema, with a file and its copy."""
    first_schema(database_url, *(f"INSERT INTO {row}" for row in OF_THE_FIRST_SCHEMA))
    database = open_database(database_url)
    with database.read() as session:
        (file,) = session.scalars(select(FileRow))
        assert (file.sha256, file.camera, file.drive, file.position, file.name) == ("a", "backup", "two", 3, "copy.mp4")
        assert (file.size_bytes, file.duration_s, file.metres, file.damage) == (7, 60.5, 412.5, "cut short")
        assert file.start_utc == datetime(2026, 11, 24, 8, 1, 2, 500_000, tzinfo=UTC)
        assert session.scalars(select(FileCellRow.cell)).all() == [CELL]
        cell = session.get_one(CellRow, CELL)
        assert (cell.place_id, cell.h3) == ("west", h3.cell_to_parent(CELL, 10))
    database.close()


CELL = h3.latlng_to_cell(30.2, 120.15, 12)
OF_THE_FIRST_SCHEMA = (
    "cameras VALUES ('car7', '2026-11-24'), ('backup', '2026-11-24')",
    "drives VALUES ('one', '2026-11-24'), ('two', '2026-11-24')",
    "judgements VALUES ('one', 'car7', 'x', 'litter', '2026-11-24'), ('two', 'backup', 'y', 'litter', '2026-11-25')",
    "files VALUES ('a', 'car7', 'one', 0, 'a.mp4', 7, 60, NULL, NULL, NULL), "
    "('a', 'backup', 'two', 3, 'copy.mp4', 7, 60.5, '2026-11-24 08:01:02.500000+00:00', 412.5, 'cut short')",
    f"file_cells VALUES ('a', 'car7', '{CELL}', 'west'), ('a', 'backup', '{CELL}', 'west')",
)


def test_incidents_of_the_first_schema_get_the_cells_that_coverage_has(database_url: str) -> None:
    """Parents of their cells of resolution 12; an imported place stays."""
    lon, lat = between_cells()
    old = h3.latlng_to_cell(lat, lon, 10)
    right = h3.cell_to_parent(h3.latlng_to_cell(lat, lon, 12), 10)
    rows = {"moved": (lon, lat, old, old, "h3"), "kept": (lon, lat, right, right, "h3")}
    rows |= {"named": (lon, lat, old, "west", "street"), "nowhere": (None, None, None, None, None)}
    first_schema(database_url, *(f"INSERT INTO {row}" for row in (*OF_THE_FIRST_SCHEMA, *map(located, rows.items()))))
    database = open_database(database_url)
    with database.read() as session:
        found = {row.id: row for row in session.scalars(select(IncidentRow))}
        assert {name: (row.h3, row.place_id, row.place_name, row.place_level) for name, row in found.items()} == {
            "moved": (right, right, right, "h3"),
            "kept": (right, right, right, "h3"),
            "named": (right, "west", "west", "street"),
            "nowhere": (None, None, None, None),
        }
        assert {name for name, row in found.items() if row.updated_at > datetime(2026, 11, 25, tzinfo=UTC)} == {
            "moved",
            "named",
        }
    database.close()


def located(named: tuple[str, tuple[object, ...]]) -> str:
    """An incident of the first schema: its lon, lat, cell, and the id and level of its place."""
    name, (*where, place, level) = named
    known = ", ".join("NULL" if value is None else repr(value) for value in (name, *where, place, place, level))
    return (
        "incidents (id, lon, lat, h3, place_id, place_name, place_level, kind, status, withdrawn, grade, missing, "
        "confidence, reasons, drive, camera, file_name, file_sha256, pts_start, pts_end, subject_class, subject_track, "
        "subject_box, subject_box_pts, model, rule, sort_at, created_at, updated_at) "
        f"VALUES ({known}, 'litter', 'unreviewed', false, 'complete', '[]', "
        "0.9, '[]', 'one', 'car7', 'a.mp4', 'a', 1, 2, 'litter', 1, "
        "'[]', 1, 'm', 'litter/1', '2026-11-24 00:00:00.0', '2026-11-24 00:00:00.0', '2026-11-24 00:00:00.0')"
    )


def first_schema(url: str, *statements: str) -> None:
    """Puts the database back to its first schema, and fills it."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_opening_again_keeps_what_is_there(database: Database, database_url: str) -> None:
    with database.write() as session:
        session.add(CameraRow(name="car7/front", created_at=datetime.now(UTC)))
    again = open_database(database_url)
    with again.read() as session:
        assert session.get(CameraRow, "car7/front") is not None
    again.close()


def test_a_failed_block_leaves_no_trace(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(CameraRow(name="car7/front", created_at=datetime.now(UTC)))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert session.get(CameraRow, "car7/front") is None


def test_times_come_back_in_utc(database: Database) -> None:
    shanghai = datetime(2026, 11, 24, 16, 31, 7, 123456, timezone(timedelta(hours=8)))
    with database.write() as session:
        session.add(CameraRow(name="c", created_at=shanghai))
    with database.read() as session:
        row = session.get_one(CameraRow, "c")
        assert row.created_at == shanghai
        assert row.created_at.tzinfo == UTC


def test_times_without_a_zone_are_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with database.read() as session, pytest.raises(Exception, match="no time zone"):
        session.scalars(select(CameraRow).where(CameraRow.created_at == naive))


def test_a_newer_schema_is_refused(database: Database, database_url: str) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="9999"):
        open_database(database_url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "patrol.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseUnreadable, match=r"patrol\.db"):
        open_database(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x", "postgresql://127.0.0.1:1/none"])
def test_an_address_that_leads_nowhere_is_named(url: str) -> None:
    with pytest.raises(DatabaseUnreadable):
        open_database(url)


def test_a_locked_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.database.BUSY_TIMEOUT_MS", 50)
    database = open_database(f"sqlite:///{tmp_path / 'patrol.db'}")
    other = sqlite3.connect(tmp_path / "patrol.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked), database.write():
        pass
    other.close()
    database.close()


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as session:
        session.add(CameraRow(name="c", created_at=datetime.now(UTC)))
        session.flush()
        with database.read() as reader:
            assert reader.get(CameraRow, "c") is None
