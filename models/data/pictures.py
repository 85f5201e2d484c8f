"""Picture files in folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import BadUse

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def pictures_in(folder: Path, match: tuple[str, ...] = ("*",)) -> list[Path]:
    """Pictures in the folder whose name matches one of the globs, by name."""
    matching = {path for glob in match for path in folder.glob(glob)}
    return sorted(path for path in matching if path.suffix.lower() in PICTURES)


def read_bgr(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) as OpenCV writes and shows them.

    Raises:
        BadUse: no such file, or no picture.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadUse(f"{path} cannot be read as a picture")
    return np.asarray(picture, np.uint8)


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) as networks take them; raises as `read_bgr`."""
    return np.ascontiguousarray(read_bgr(path)[:, :, ::-1])
