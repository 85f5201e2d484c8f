from __future__ import annotations

import hashlib
import math
from pathlib import Path

import pytest

from pipelines.batch.copies import has_companion, leading_copies, lies_at
from pipelines.batch.plan import Hashed
from vision.footage.probe import VideoInfo


def leading(
    contents: dict[str, str], known: dict[str, str] | None = None, accompanied: tuple[str, ...] = ()
) -> dict[str, str]:
    """Names of paths with the names of those that lead them; `contents`: by path, `known`: paths by content."""
    videos = [Hashed(video(path), content) for path, content in contents.items()]
    paths = {content: Path(path) for content, path in (known or {}).items()}
    found = leading_copies(videos, paths.get, lambda path: str(path) in accompanied)
    return {str(path): str(first) for path, first in found.items()}


def video(path: str) -> VideoInfo:
    return VideoInfo(Path(path), 640, 360, 60.0, 0.0, "h264", 0, None, 1, math.nan)


def test_the_first_copy_leads() -> None:
    assert leading({"/a/1.mp4": "x", "/b/1.mp4": "x", "/b/2.mp4": "y", "/a/3.mp4": "z"}) == {
        "/a/1.mp4": "/a/1.mp4",
        "/b/1.mp4": "/a/1.mp4",
        "/b/2.mp4": "/b/2.mp4",
        "/a/3.mp4": "/a/3.mp4",
    }


def test_the_copy_that_was_worked_on_before_leads() -> None:
    contents = {"/a/1.mp4": "x", "/b/1.mp4": "x"}
    assert leading(contents, {"x": "/b/1.mp4"})["/a/1.mp4"] == "/b/1.mp4"
    assert leading(contents, {"x": "/gone/1.mp4"})["/b/1.mp4"] == "/a/1.mp4"


def test_the_copy_that_was_worked_on_before_leads_however_full_and_accompanied_another_folder_is() -> None:
    contents = {"/a/1.mp4": "x", "/b/1.mp4": "x", "/b/holiday.mp4": "y", "/b/beach.mp4": "z"}
    assert leading(contents, {"x": "/a/1.mp4"}, accompanied=("/b/1.mp4",))["/b/1.mp4"] == "/a/1.mp4"


DRIVE = {f"/drive/20261124_083{n}00.mp4": content for n, content in ((0, "one"), (1, "two"), (2, "three"))}
BACKUP = {"/backup/20261124_083100.mp4": "two"}


def test_the_copy_among_new_files_of_its_drive_leads_so_that_the_drive_stays_whole() -> None:
    found = leading({**BACKUP, **DRIVE}, {"two": "/backup/20261124_083100.mp4"})
    assert found["/backup/20261124_083100.mp4"] == "/drive/20261124_083100.mp4"


def test_a_drive_without_new_files_takes_nothing_over() -> None:
    known = {content: path for path, content in {**DRIVE, **BACKUP}.items()}
    assert leading({**BACKUP, **DRIVE}, known)["/drive/20261124_083100.mp4"] == "/backup/20261124_083100.mp4"


def test_of_new_copies_one_that_is_accompanied_leads_then_one_in_the_fullest_folder() -> None:
    contents = {"/a/1.mp4": "x", "/b/1.mp4": "x", "/b/other.mp4": "y", "/c/1.mp4": "x"}
    assert leading(contents)["/a/1.mp4"] == "/b/1.mp4"
    assert leading(contents, accompanied=("/c/1.mp4",))["/a/1.mp4"] == "/c/1.mp4"


@pytest.mark.parametrize(
    ("beside", "is_companion"),
    [
        ("1.gpx", True),
        ("1.csv", True),
        ("day.gpx", True),
        ("site.toml", True),
        ("1.site.toml", True),
        ("read me.txt", False),
        ("2.site.toml", False),
        ("2.mp4", False),
    ],
)
def test_a_companion_tells_more_of_a_video(tmp_path: Path, beside: str, is_companion: bool) -> None:
    (tmp_path / beside).touch()
    assert has_companion(tmp_path / "1.mp4") is is_companion


def test_what_was_moved_or_overwritten_is_not_there_any_more(tmp_path: Path) -> None:
    path, sha256 = tmp_path / "a.mp4", hashlib.sha256(b"four").hexdigest()
    assert not lies_at(path, 4, sha256)
    for content in (b"longer", b"FOUR"):
        path.write_bytes(content)
        assert not lies_at(path, 4, sha256)
    path.write_bytes(b"four")
    assert lies_at(path, 4, sha256)
