"""Picture files in folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def pictures_in(folder: Path, match: tuple[str, ...] = ("*",)) -> list[Path]:
    """Pictures in the folder whose name matches one of the globs, by name."""
    matching = {path for glob in match for path in folder.glob(glob)}
    return sorted(path for path in matching if path.suffix.lower() in PICTURES)
