"""Finding videos, and leaving alone those still being written."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import BadUse
from vision.errors import VideoError
from vision.footage.files import file_sha256, file_size, find_videos, still_growing


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_folders_are_searched_recursively_in_natural_order(tmp_path: Path) -> None:
    touch(*(tmp_path / name for name in ("b/clip10.MP4", "b/clip2.mp4", "a.mov", "c.TS", "d.mkv", "e.AVI", "f.txt")))
    assert [path.name for path in find_videos([tmp_path])] == [
        "a.mov",
        "clip2.mp4",
        "clip10.MP4",
        "c.TS",
        "d.mkv",
        "e.AVI",
    ]


def test_hidden_files_companions_and_folders_named_like_videos_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "._a.mp4", tmp_path / ".trash" / "b.mp4", tmp_path / "folder.mp4" / "c.mp4")
    assert [path.name for path in find_videos([tmp_path])] == ["a.mp4", "c.mp4"]


def test_a_file_named_twice_is_scanned_once(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a.mp4")
    assert len(find_videos([tmp_path, tmp_path / "a.mp4", f"{tmp_path}/*.mp4"])) == 1


def test_a_file_named_outright_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path / "video.bin")
    assert find_videos([tmp_path / "video.bin"]) == [tmp_path / "video.bin"]


def test_a_folder_with_brackets_in_its_name_is_no_glob(tmp_path: Path) -> None:
    touch(tmp_path / "[2026] trip" / "a.mp4")
    assert len(find_videos([tmp_path / "[2026] trip"])) == 1


@pytest.mark.parametrize("argument", ["nothing-here", "empty", "*.mp4"])
def test_what_leads_to_nothing_is_bad_use(tmp_path: Path, argument: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadUse, match="no video found"):
        find_videos([tmp_path / argument])


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(find_videos([tmp_path])) == 1


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()
    assert file_size(tmp_path / "a") == len(data)


@pytest.mark.parametrize("ask", [file_sha256, file_size])
def test_a_file_that_went_away_is_a_typed_error(tmp_path: Path, ask: Callable[[Path], object]) -> None:
    with pytest.raises(VideoError, match=r"gone\.mp4 cannot be read"):
        ask(tmp_path / "gone.mp4")


def test_an_old_file_is_settled_at_once(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4")
    os.utime(tmp_path / "a.mp4", (time.time() - 100,) * 2)
    began = time.monotonic()
    assert not still_growing([tmp_path / "a.mp4"], settle_s=5)
    assert time.monotonic() - began < 1


def test_a_file_that_grows_is_left_alone_and_one_just_finished_is_not(tmp_path: Path) -> None:
    touch(tmp_path / "growing.mp4", tmp_path / "finished.mp4")
    stop = threading.Event()

    def write() -> None:
        with (tmp_path / "growing.mp4").open("ab", buffering=0) as file:
            while not stop.wait(0.02):
                file.write(b"x" * 100)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert still_growing([tmp_path / "growing.mp4", tmp_path / "finished.mp4"], 0.3) == {tmp_path / "growing.mp4"}
    finally:
        stop.set()
        writer.join()
