"""The same content is the same footage, whatever its path: which of several copies is worked on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.batch.plan import Hashed
from pipelines.site import find_site
from vision.errors import VideoError
from vision.footage.drives import group_into_drives
from vision.footage.files import file_sha256
from vision.gps import UNSURE, find_sidecars


def leading_copies(
    videos: Sequence[Hashed], path_of: Callable[[str], Path | None], accompanied: Callable[[Path], bool]
) -> dict[Path, Path]:
    """Each path with the one that is worked on for its content.

    That is where the content was done before (`path_of` it), unless another copy lies among new files of its drive and
    that one does not. Else one that is `accompanied`, of these the one in the folder with the most videos, of these
    the first.
    """
    same: dict[str, list[Path]] = defaultdict(list)
    for video in videos:
        same[video.sha256].append(video.info.path)
    if len(same) == len(videos):
        return {video.info.path: video.info.path for video in videos}
    videos_in = Counter(video.info.path.parent for video in videos)
    joined = _joined_by_new(videos, {sha256 for sha256 in same if path_of(sha256) is None})
    leading: dict[Path, Path] = {}
    for sha256, paths in same.items():
        first = paths[0]
        if len(paths) > 1:
            known = path_of(sha256)
            first = min(
                paths,
                key=lambda path: (
                    path not in joined,
                    path.resolve() != known,
                    not accompanied(path),
                    -videos_in[path.parent],
                ),
            )
        leading |= dict.fromkeys(paths, first)
    return leading


def _joined_by_new(videos: Sequence[Hashed], new: set[str]) -> set[Path]:
    """Paths in whose drive a content is new."""
    sha256_of = {video.info.path: video.sha256 for video in videos}
    joined: set[Path] = set()
    for drive in group_into_drives([video.info for video in videos], None, sha256_of.__getitem__):
        paths = {info.path for info in drive.files}
        if any(sha256_of[path] in new for path in paths):
            joined |= paths
    return joined


def has_companion(video: Path) -> bool:
    """Whether a site file or a position log lies beside it; a file of its folder that may be anything is none."""
    own, shared = find_sidecars(video)
    return bool(own) or any(log.suffix.lower() not in UNSURE for log in shared) or find_site(video) is not None


def lies_at(known: Path, size_bytes: int, sha256: str) -> bool:
    """Whether a content still lies where it was: cameras give a name and a size again to other recordings."""
    try:
        return known.stat().st_size == size_bytes and file_sha256(known) == sha256
    except (OSError, VideoError):
        return False
