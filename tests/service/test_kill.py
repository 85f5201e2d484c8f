"""Killed anywhere and run again, a scan gives exactly what an uninterrupted one gives."""

from __future__ import annotations

import signal
import sqlite3
from multiprocessing import get_context
from pathlib import Path

import pytest

from pipelines.batch.progress import Stage
from tests.pipelines.tiny_videos import write_square_video
from tests.service.killed_scan import Point, scan

TIMES_OF_WRITING = frozenset({"created_at", "updated_at", "received_at", "at"})
POINTS = [
    Point(Stage.HASHING, 2),
    Point(Stage.PLANNED),
    Point(Stage.OBSERVING, 3),
    Point(Stage.OBSERVED, 1),
    Point(Stage.OBSERVED, 2),
    Point(Stage.JUDGING),
    Point(Stage.JUDGED, 1),
    Point(None, 1),
    Point(Stage.SUBMITTED, 1),
    Point(None, 2),
    Point(Stage.SUBMITTED, 2),
]

# A fork server has imported everything once, and unlike a fork of the test process it has no threads.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.service.killed_scan"])


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of one drive with litter in both, and one of another camera."""
    folder = tmp_path_factory.mktemp("videos")
    write_square_video(folder / "car7" / "20261124_083000.mp4", 3.6, 70)
    write_square_video(folder / "car7" / "20261124_083003.mp4", 3.6, 90)
    write_square_video(folder / "car8" / "20261124_083000.mp4", 3.6, 110)
    return folder


@pytest.fixture(scope="module")
def uninterrupted(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("uninterrupted")
    assert run(videos, home, None) == 0
    return home


def run(videos: Path, home: Path, point: Point | None) -> int | None:
    process = PROCESSES.Process(target=scan, args=(videos, home, point))
    process.start()
    process.join()
    return process.exitcode


def dump(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables without the times they were written at."""
    database = sqlite3.connect(home / "patrol.db")
    try:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: rows_of(database, table) for table in tables}
    finally:
        database.close()


def rows_of(database: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in TIMES_OF_WRITING]
    return sorted(database.execute(f"SELECT {', '.join(map(repr_of, columns))} FROM {table}"), key=repr)


def repr_of(column: str) -> str:
    return f'"{column}"'


def evidence(home: Path) -> set[str]:
    return {path.name for path in (home / "evidence").glob("??/*")}


def test_the_uninterrupted_scan_finds_something_to_lose(uninterrupted: Path) -> None:
    rows = dump(uninterrupted)
    assert len(rows["incidents"]) == 2
    assert len(rows["files"]) == 3
    assert len(evidence(uninterrupted)) > 10
    assert all("done" in row for row in rows["ledger"])


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.stage or 'before-commit'}-{point.nth}")
def test_a_killed_scan_is_finished_by_the_next(point: Point, videos: Path, uninterrupted: Path, tmp_path: Path) -> None:
    assert run(videos, tmp_path, point) == -signal.SIGKILL
    assert run(videos, tmp_path, None) == 0
    assert dump(tmp_path) == dump(uninterrupted)
    assert evidence(tmp_path) == evidence(uninterrupted)


def test_killed_at_every_point_in_turn_it_still_ends_the_same(
    videos: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    for point in POINTS[:8]:
        run(videos, tmp_path, point)
    assert run(videos, tmp_path, None) == 0
    assert dump(tmp_path) == dump(uninterrupted)


def test_a_second_scan_changes_nothing(videos: Path, uninterrupted: Path) -> None:
    before = dump(uninterrupted)
    assert run(videos, uninterrupted, None) == 0
    assert dump(uninterrupted) == before
