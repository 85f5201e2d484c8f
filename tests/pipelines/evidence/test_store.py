from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from pipelines.errors import EvidenceError
from pipelines.evidence.store import EvidenceStore


def test_a_file_is_named_by_its_content(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    stored = store.put(b"picture", "image/jpeg")
    assert stored.sha256 == hashlib.sha256(b"picture").hexdigest()
    assert stored.size_bytes == 7
    path = store.path(stored.sha256)
    assert path == tmp_path / stored.sha256[:2] / f"{stored.sha256}.jpg"
    assert path.read_bytes() == b"picture"


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    assert store.put(b"x", "video/mp4") == store.put(b"x", "video/mp4")
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1


def test_a_written_file_is_adopted_and_its_scratch_is_gone(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    with store.scratch("video/mp4") as path:
        path.write_bytes(b"clip")
        stored = store.put(path, "video/mp4")
    assert store.path(stored.sha256).read_bytes() == b"clip"
    assert not list((tmp_path / "tmp").iterdir())


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)

    def fail() -> None:
        with store.scratch("video/mp4") as path:
            path.write_bytes(b"half a cl")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["0" * 64, "../patrol.db", "", "A" * 64])
def test_what_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(EvidenceError):
        EvidenceStore(tmp_path).path(name)


def test_leftovers_of_killed_processes_are_swept_after_a_day(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    (tmp_path / "tmp").mkdir()
    old, young = tmp_path / "tmp" / "old.mp4", tmp_path / "tmp" / "young.mp4"
    old.touch()
    young.touch()
    os.utime(old, (time.time() - 90_000,) * 2)
    store.sweep()
    assert not old.exists()
    assert young.exists()
