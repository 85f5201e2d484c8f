"""The same content is the same footage, whatever its path: which of several copies is worked on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from vision.errors import VideoError
from vision.footage.files import file_sha256


def leading_copies(sha256_of: Mapping[Path, str], path_of: Callable[[str], Path | None]) -> dict[Path, Path]:
    """Each path with the one that is worked on for its content: that in the folder with the most videos of these, so
    that drives stay whole; of these the one that was done before (`path_of` a content), else the first. Pure.
    """
    same: dict[str, list[Path]] = defaultdict(list)
    for path, sha256 in sha256_of.items():
        same[sha256].append(path)
    videos_in = Counter(path.parent for path in sha256_of)
    leading: dict[Path, Path] = {}
    for sha256, paths in same.items():
        known = path_of(sha256) if len(paths) > 1 else None
        first = min(paths, key=lambda path: (-videos_in[path.parent], path.resolve() != known))
        leading |= dict.fromkeys(paths, first)
    return leading


def lies_at(known: Path, size_bytes: int, sha256: str) -> bool:
    """Whether a content still lies where it was: cameras give a name and a size again to other recordings."""
    try:
        return known.stat().st_size == size_bytes and file_sha256(known) == sha256
    except (OSError, VideoError):
        return False
