from __future__ import annotations

import os
from pathlib import Path

from pipelines.batch.ledger import FileKey, FileState, FileStatus, LastDone
from service.database import Database
from service.ledger import DatabaseLedger

ONE, OTHER = FileKey("a" * 64, "c" * 64), FileKey("b" * 64, "c" * 64)


def test_a_file_is_unknown_pending_then_done(database: Database) -> None:
    ledger = DatabaseLedger(database)
    assert ledger.state(ONE) is None
    ledger.pending(ONE, "front.mp4", 7)
    assert ledger.state(ONE) == FileState(FileStatus.PENDING)
    ledger.done([ONE, OTHER])
    assert ledger.state(ONE) == ledger.state(OTHER) == FileState(FileStatus.DONE)


def test_a_failure_is_kept_until_the_file_is_tried_again(database: Database) -> None:
    ledger = DatabaseLedger(database)
    ledger.failed(ONE, "not-a-video", "front.mp4 is not a video")
    assert ledger.state(ONE) == FileState(FileStatus.FAILED, "not-a-video", "front.mp4 is not a video")
    ledger.pending(ONE, "front.mp4", 7)
    assert ledger.state(ONE) == FileState(FileStatus.PENDING)


def test_another_configuration_is_another_work(database: Database) -> None:
    ledger = DatabaseLedger(database)
    ledger.done([ONE])
    assert ledger.state(FileKey(ONE.sha256, "d" * 64)) is None


def test_a_content_is_where_it_was_last_found_done_whatever_bytes_its_path_is_of(database: Database) -> None:
    ledger = DatabaseLedger(database)
    assert ledger.last_done(ONE.sha256, "") is None
    paths = (Path("/stick/a.mp4"), Path("/archive") / os.fsdecode(b"\xc2\xb7\xb6\xce.mp4"))
    for path, config in zip(paths, ("c" * 64, "d" * 64), strict=True):
        ledger.note_done(ONE.sha256, "", LastDone(path, config))
        assert ledger.last_done(ONE.sha256, "") == LastDone(path, config)
    assert ledger.last_done(ONE.sha256, "http://one") is None
