from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines.batch.copies import leading_copies, lies_at


def leading(contents: dict[str, str], known: dict[str, Path] | None = None) -> dict[str, str]:
    """Names of paths with the names of those that lead them; `contents`: by path, `known`: paths by content."""
    found = leading_copies({Path(path): content for path, content in contents.items()}, (known or {}).get)
    return {str(path): str(first) for path, first in found.items()}


def test_the_first_copy_leads() -> None:
    assert leading({"/a/1.mp4": "x", "/b/1.mp4": "x", "/b/2.mp4": "y", "/a/3.mp4": "z"}) == {
        "/a/1.mp4": "/a/1.mp4",
        "/b/1.mp4": "/a/1.mp4",
        "/b/2.mp4": "/b/2.mp4",
        "/a/3.mp4": "/a/3.mp4",
    }


def test_the_copy_that_was_worked_on_before_leads() -> None:
    contents = {"/a/1.mp4": "x", "/b/1.mp4": "x"}
    assert leading(contents, {"x": Path("/b/1.mp4")})["/a/1.mp4"] == "/b/1.mp4"
    assert leading(contents, {"x": Path("/gone/1.mp4")})["/b/1.mp4"] == "/a/1.mp4"


def test_the_copy_among_its_drive_leads_so_that_the_drive_stays_whole() -> None:
    contents = {"/backup/2.mp4": "two", "/drive/1.mp4": "one", "/drive/2.mp4": "two", "/drive/3.mp4": "three"}
    assert leading(contents, {"two": Path("/backup/2.mp4")})["/backup/2.mp4"] == "/drive/2.mp4"


def test_what_was_moved_or_overwritten_is_not_there_any_more(tmp_path: Path) -> None:
    path, sha256 = tmp_path / "a.mp4", hashlib.sha256(b"four").hexdigest()
    assert not lies_at(path, 4, sha256)
    for content in (b"longer", b"FOUR"):
        path.write_bytes(content)
        assert not lies_at(path, 4, sha256)
    path.write_bytes(b"four")
    assert lies_at(path, 4, sha256)
