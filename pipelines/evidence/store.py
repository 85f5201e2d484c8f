"""A folder of evidence files named by their content: `<first two hex>/<sha256><extension>`."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipelines.errors import EvidenceError

EXTENSIONS: Final = {"image/jpeg": ".jpg", "video/mp4": ".mp4", "application/json": ".json"}
STALE_AFTER_S: Final = 24 * 3600.0

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size_bytes: int


class EvidenceStore:
    """Writes are atomic and durable: a file that is there is whole. Safe for many processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes | Path, media_type: str) -> StoredFile:
        """Stores bytes, or the file at a path made by `scratch`."""
        if isinstance(content, Path):
            return self._adopt(content, media_type)
        with self.scratch(media_type) as path:
            path.write_bytes(content)
            return self._adopt(path, media_type)

    def path(self, sha256: str) -> Path:
        """Raises `EvidenceError` when there is no such file."""
        if _SHA256.fullmatch(sha256):
            for extension in EXTENSIONS.values():
                path = self._place(sha256, extension)
                if path.is_file():
                    return path
        raise EvidenceError(f"no evidence file {sha256[:64]}", advice="scan the video again to make it anew")

    @contextmanager
    def scratch(self, media_type: str) -> Iterator[Path]:
        """An empty file in the store's own file system, to be written and then `put`; removed if it was not."""
        folder = self._folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=_extension(media_type), dir=folder)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Removes what killed processes left behind a day ago or earlier."""
        for path in (self._folder / "tmp").glob("*"):
            if path.stat().st_mtime < time.time() - STALE_AFTER_S:
                path.unlink(missing_ok=True)

    def _adopt(self, path: Path, media_type: str) -> StoredFile:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        stored = StoredFile(sha256, path.stat().st_size)
        target = self._place(sha256, _extension(media_type))
        target.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o644)
        path.replace(target)
        _sync_folder(target.parent)
        return stored

    def _place(self, sha256: str, extension: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}{extension}"


def _extension(media_type: str) -> str:
    try:
        return EXTENSIONS[media_type]
    except KeyError:
        raise EvidenceError(f"evidence of type {media_type} is not kept") from None


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
