"""Video files on disk: finding them, naming them by content, and leaving alone those still being written."""

from __future__ import annotations

import glob
import re
import time
from collections.abc import Iterable
from pathlib import Path

from models.errors import BadUse
from models.file_hash import sha256_of
from vision.errors import VideoError

SUFFIXES = {".mp4", ".mov", ".mkv", ".avi", ".ts"}
SETTLE_S = 2.0


def find_videos(arguments: Iterable[str | Path]) -> list[Path]:
    """The video files named by files, folders (searched recursively) and globs; each once, in natural order.

    A file named outright is taken whatever its suffix. Raises `BadUse` where an argument leads to nothing.
    """
    found: dict[Path, Path] = {}
    for argument in arguments:
        videos = _expand(Path(argument).expanduser())
        if not videos:
            raise BadUse(f"no video found in {argument}", advice="give MP4, MOV, MKV, AVI or TS files, or their folder")
        for path in videos:
            found.setdefault(path.resolve(), path)
    if not found:
        raise BadUse("no video given", advice="give files, folders or globs")
    return sorted(found.values(), key=natural_key)


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sorts clip_2 before clip_10, and folders as units."""
    parts = (re.split(r"(\d+)", part.lower()) for part in path.parts)
    return [(0, int(bit), "") if bit.isdecimal() else (1, 0, bit) for part in parts for bit in [*part, "/"]]


def file_sha256(path: Path) -> str:
    """Hex digest of the content; memory stays flat. Raises `VideoError` if the file cannot be read."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def file_size(path: Path) -> int:
    """Bytes of content. Raises `VideoError` if the file is not there."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def still_growing(paths: Iterable[Path], settle_s: float = SETTLE_S) -> frozenset[Path]:
    """Those whose size or time of change moves while we look.

    Files untouched for `settle_s` seconds are settled; only if there are younger ones we wait, once, for `settle_s`.
    """
    now = time.time()
    before = {path: _state(path) for path in paths}
    young = {path: state for path, state in before.items() if state is not None and now - state[1] < settle_s}
    if not young:
        return frozenset()
    time.sleep(settle_s)
    return frozenset(path for path, state in young.items() if _state(path) != state)


def _expand(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return [child for child in path.rglob("*") if _is_video(child, path)]
    matches = [Path(match) for match in glob.glob(str(path), recursive=True)] if glob.has_magic(str(path)) else []  # noqa: PTH207  # absolute patterns, too
    return [video for match in matches for video in (_expand(match) if match.is_dir() else [match]) if _is_video(video)]


def _is_video(path: Path, root: Path | None = None) -> bool:
    """By suffix; hidden files and folders, and macOS's `._` companions, are none."""
    inner = path.relative_to(root).parts if root else (path.name,)
    hidden = any(part.startswith(".") for part in inner)
    return path.suffix.lower() in SUFFIXES and not hidden and path.is_file()


def _unreadable(path: Path, error: OSError) -> VideoError:
    return VideoError(f"{path.name} cannot be read: {error.strerror}", advice="check the path and the rights")


def _state(path: Path) -> tuple[int, float] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime
