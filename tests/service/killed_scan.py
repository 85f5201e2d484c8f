"""A scan that kills itself, hard, at a point told beforehand. Runs in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.batch.ledger import FileKey
from pipelines.batch.progress import Event, Stage
from pipelines.batch.run import BatchOptions, run_batch
from pipelines.incident import Judgement
from service.database import Database, open_database
from service.ingest import ingest
from service.ledger import DatabaseLedger
from service.sink import DatabaseSink
from tests.pipelines.detectors import WhiteSquaresSource


@dataclass(frozen=True, slots=True)
class Point:
    """The `nth` (from 1) event of a stage, or the `nth` submission before its commit (`stage` None)."""

    stage: Stage | None
    nth: int = 1


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Hook:
    def __init__(self, point: Point | None) -> None:
        self._point, self._seen = point, 0

    def __call__(self, event: Event) -> None:
        if self._point is not None and event.stage is self._point.stage:
            self._seen += 1
            if self._seen == self._point.nth:
                kill()


class _DyingSink(DatabaseSink):
    """Dies with the judgement written and not committed."""

    def __init__(self, database: Database, nth: int) -> None:
        super().__init__(database)
        self._open, self._left = database, nth

    def submit(self, judgement: Judgement, done: Sequence[FileKey]) -> None:
        self._left -= 1
        if self._left:
            super().submit(judgement, done)
            return
        with self._open.write() as session:
            ingest(session, judgement, done)
            session.flush()
            kill()


def scan(videos: Path, home: Path, point: Point | None) -> None:
    database = open_database(f"sqlite:///{home / 'patrol.db'}")
    dies_open = point is not None and point.stage is None
    sink = _DyingSink(database, point.nth) if point is not None and dies_open else DatabaseSink(database)
    options = BatchOptions(home, workers=0, settle_s=0)
    run_batch([videos], options, DatabaseLedger(database), sink, WhiteSquaresSource(), _Hook(point))
