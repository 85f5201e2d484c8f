"""Label files in YOLO format, and boxes as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Boxes:
    """Labelled boxes of one picture.

    Attributes:
        class_id: (N,) int64.
        xyxy: (N, 4) float64, fractions of the picture's width and height.
    """

    class_id: NDArray[np.int64]
    xyxy: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.class_id)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Boxes:
        return Boxes(self.class_id[rows], self.xyxy[rows])

    def renamed(self, mapping: tuple[tuple[int, int], ...]) -> Boxes:
        """Class ids replaced by the mapping; boxes of other classes are dropped."""
        table = dict(mapping)
        kept = self[np.isin(self.class_id, list(table))]
        return Boxes(np.array([table[int(each)] for each in kept.class_id], np.int64), kept.xyxy)


def read_labels(path: Path) -> Boxes:
    """Boxes of a label file; a missing or empty file is a picture without any. Polygons become their boxes."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    rows = [[float(value) for value in line.split()] for line in lines if line.strip()]
    class_id = np.array([row[0] for row in rows], np.int64)
    xyxy = np.array([_xyxy(row[1:]) for row in rows], np.float64).reshape(-1, 4)
    return Boxes(class_id, xyxy)


def write_labels(path: Path, boxes: Boxes) -> None:
    centre, size = (boxes.xyxy[:, :2] + boxes.xyxy[:, 2:]) / 2, boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]
    rows = np.concatenate([centre, size], axis=1)
    lines = [
        f"{each} " + " ".join(f"{value:.6f}" for value in row) for each, row in zip(boxes.class_id, rows, strict=True)
    ]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def overlap(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N, M) intersection over union of two sets of x1 y1 x2 y2 boxes in the same unit."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=2)
    area = [np.prod(np.clip(each[:, 2:] - each[:, :2], 0, None), axis=1) for each in (first, second)]
    union = area[0][:, None] + area[1][None, :] - inter
    return np.asarray(inter / np.maximum(union, 1e-12), np.float64)


def _xyxy(values: list[float]) -> list[float]:
    if len(values) == 4:
        x, y, width, height = values
        return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return [min(values[0::2]), min(values[1::2]), max(values[0::2]), max(values[1::2])]
