"""The way to the database: opening it, bringing its tables up to date, transactions with typed errors."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from service.errors import DatabaseLocked, DatabaseUnreadable, NewerSchema

BUSY_TIMEOUT_MS: Final = 30_000
_CHUNK: Final = 500  # SQLite takes 32,766 parameters, older ones 999
_WRITES: Final = "patrol_writes"
_LOCK: Final = 0x57EE7
"""One advisory lock for all who write to PostgreSQL: matching incidents reads before it writes, so that two
writers must not overtake each other. SQLite has a single writer anyway.
"""


class Database:
    """Transactions on one database. Safe for many threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        with typed_errors(self._engine), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: kept if the block ends, as if it never was if it raises. Writers take turns."""
        with typed_errors(self._engine), Session(self._writer, expire_on_commit=False) as session, session.begin():
            _take_turn(session.connection())
            yield session

    def close(self) -> None:
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Opens the database, creates it where SQLite may, and migrates it to the newest schema.

    Raises `DatabaseError` of a kind that says what to do.
    """
    engine = _engine(url)
    with typed_errors(engine):
        _migrate(engine)
    return Database(engine)


def chunks(values: Collection[str]) -> Iterator[list[str]]:
    """Sorted, in lists that one query may name."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]


def is_there(url: str) -> bool:
    """Whether `open_database` would find a database, not make one. Of a server it is taken to be so."""
    try:
        address = make_url(url)
    except ArgumentError:
        return True  # what is no address is for `open_database` to say
    file = address.database if address.get_backend_name() == "sqlite" else None
    return file is None or file.startswith("file:") or Path(file).exists()


@contextmanager
def typed_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _typed(error, engine) from error


def _typed(error: DBAPIError, engine: Engine) -> Exception:
    where, said = engine.url.render_as_string(hide_password=True), str(error.orig).strip()
    if "locked" in said or "lock timeout" in said:
        return DatabaseLocked(f"{where} is busy", advice="another process writes to it; try again in a moment")
    if "readonly" in said or "read-only" in said:
        return DatabaseUnreadable(f"{where} cannot be written", advice="check the rights of the file and its folder")
    if "malformed" in said or "not a database" in said or "unable to open" in said or error.connection_invalidated:
        return DatabaseUnreadable(f"{where}: {said}", advice="check the address, or restore the file from a backup")
    if type(error).__name__ == "OperationalError":
        return DatabaseUnreadable(f"{where}: {said}", advice="check that the database runs and may be opened")
    return error


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise DatabaseUnreadable(
            f"no database address: {error}", advice="sqlite:///FILE or postgresql://..."
        ) from error
    except OSError as error:
        raise DatabaseUnreadable(f"no folder for the database: {error}", advice="choose another --home") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late for reads and never for DDL
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what is said to be stored survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # a writer that starts as a reader cannot wait for its turn: SQLite refuses the upgrade at once
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        _take_turn(connection)
        config.attributes["connection"] = connection
        _check_not_newer(connection, config)
        command.upgrade(config, "head")


def _check_not_newer(connection: Connection, config: Config) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return
    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as error:
        where = connection.engine.url.render_as_string(hide_password=True)
        raise NewerSchema(
            f"{where} has schema {current}, which this version does not know", advice="upgrade Street Patrol"
        ) from error
