"""The batch ledger in the database: which files are pending, done or failed under which configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from pipelines.batch.ledger import FileKey, FileState, FileStatus, LastDone
from service.database import Database
from service.tables import FootageRow, LedgerRow


class DatabaseLedger:
    """Implements `pipelines.batch.ledger.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, key: FileKey) -> FileState | None:
        with self._database.read() as session:
            row = session.get(LedgerRow, (key.sha256, key.config))
            return None if row is None else FileState(FileStatus(row.state), row.code, row.message)

    def last_done(self, sha256: str, target: str) -> LastDone | None:
        with self._database.read() as session:
            row = session.get(FootageRow, (sha256, target))
            return None if row is None else LastDone(Path(os.fsdecode(row.path)), row.config)

    def note_done(self, sha256: str, target: str, last: LastDone) -> None:
        row = FootageRow(sha256=sha256, target=target, path=os.fsencode(last.path), config=last.config)
        with self._database.write() as session:
            session.merge(row)

    def pending(self, key: FileKey, name: str, size_bytes: int) -> None:
        with self._database.write() as session:
            row = _row(session, key)
            row.name, row.size_bytes = name, size_bytes
            _set(row, FileState(FileStatus.PENDING), datetime.now(UTC))

    def done(self, keys: Sequence[FileKey]) -> None:
        with self._database.write() as session:
            mark_done(session, keys, datetime.now(UTC))

    def failed(self, key: FileKey, code: str, message: str) -> None:
        with self._database.write() as session:
            _set(_row(session, key), FileState(FileStatus.FAILED, code, message), datetime.now(UTC))


def mark_done(session: Session, keys: Sequence[FileKey], now: datetime) -> None:
    """In the caller's transaction, so that a judgement and its files go together."""
    for key in keys:
        _set(_row(session, key), FileState(FileStatus.DONE), now)


def _row(session: Session, key: FileKey) -> LedgerRow:
    row = session.get(LedgerRow, (key.sha256, key.config))
    if row is None:
        row = LedgerRow(sha256=key.sha256, config=key.config)
        session.add(row)
    return row


def _set(row: LedgerRow, state: FileState, now: datetime) -> None:
    row.state, row.code, row.message, row.at = state.status.value, state.code, state.message, now
