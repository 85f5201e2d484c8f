"""Judgements into the database of this very process: the same ingest path as over HTTP."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.batch.ledger import FileKey
from pipelines.incident import Judgement
from service.database import Database
from service.ingest import ingest


class DatabaseSink:
    """Implements `pipelines.batch.ledger.Sink`: judgement and ledger in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, judgement: Judgement, done: Sequence[FileKey]) -> None:
        with self._database.write() as session:
            ingest(session, judgement, done)

    def flush(self) -> int:
        return 0
