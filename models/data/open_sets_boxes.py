"""Boxes as other people's sets write them: Pascal VOC, YOLO, DOTA and the text files of the OpenALPR benchmarks."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from models.data.boxes import Boxes, read_labels

Reader: TypeAlias = Callable[[Path, tuple[int, int], Mapping[str, int]], Boxes]


def voc_boxes(picture: Path, size: tuple[int, int], classes: Mapping[str, int]) -> Boxes:
    """Boxes of a Pascal VOC file (`xmin` ... in pixels); a missing file is a picture without any.

    Args:
        picture: its XML file lies beside it, or in a folder `annots` or `Annotations` beside its own.
        size: width and height of the picture, pixels. The file's own `size` is not trusted.
        classes: names of the set's classes -> class ids; objects of other names are dropped.
    """
    path = _beside(picture, ".xml", "annots", "Annotations")
    objects = ET.parse(path).getroot().iter("object") if path else ()  # noqa: S314  # the user chose the clone
    rows = [
        (classes[name], [float(each.findtext(f"bndbox/{edge}", "nan")) for edge in ("xmin", "ymin", "xmax", "ymax")])
        for each in objects
        if (name := each.findtext("name", "").strip()) in classes
    ]
    return _boxes(rows, size)


def yolo_boxes(picture: Path, _size: tuple[int, int], classes: Mapping[str, int]) -> Boxes:
    """Boxes of a YOLO text file, beside the picture or in a folder `labels` beside its own; `classes` are its ids."""
    path = _beside(picture, ".txt", "labels")
    found = read_labels(path) if path else Boxes(np.zeros(0, np.int64), np.zeros((0, 4)))
    return found.renamed(tuple((int(theirs), ours) for theirs, ours in classes.items()))


def dota_boxes(picture: Path, size: tuple[int, int], classes: Mapping[str, int]) -> Boxes:
    """Upright boxes around the turned ones in a folder `labelTxt`: `x1 y1 ... x4 y4 class difficulty`, pixels."""
    path = _beside(picture, ".txt", "labelTxt")
    rows = []
    for line in path.read_text("utf-8").splitlines() if path else ():
        *corners, name, _ = line.split()
        x, y = [float(each) for each in corners[0::2]], [float(each) for each in corners[1::2]]
        if name in classes:
            rows.append((classes[name], [min(x), min(y), max(x), max(y)]))
    return _boxes(rows, size)


def openalpr_boxes(picture: Path, size: tuple[int, int], classes: Mapping[str, int]) -> Boxes:
    """The one plate of a picture: `name x y width height text`, tab separated, pixels."""
    rows = []
    for line in picture.with_suffix(".txt").read_text("utf-8").splitlines():
        _, x, y, width, height, *_ = line.split("\t")
        rows.append((classes["plate"], [float(x), float(y), float(x) + float(width), float(y) + float(height)]))
    return _boxes(rows, size)


READERS: Final[Mapping[str, Reader]] = {
    "voc": voc_boxes,
    "yolo": yolo_boxes,
    "dota": dota_boxes,
    "openalpr": openalpr_boxes,
}


def _boxes(rows: list[tuple[int, list[float]]], size: tuple[int, int]) -> Boxes:
    xyxy = np.array([edges for _, edges in rows], np.float64).reshape(-1, 4) / np.array([*size, *size])
    return Boxes(np.array([each for each, _ in rows], np.int64), xyxy)


def _beside(picture: Path, suffix: str, *folders: str) -> Path | None:
    places = [picture.parent, *(picture.parent.parent / folder for folder in folders)]
    # VoTT names frames `film.mp4#t=12.jpg`: only the last suffix is the picture's.
    return next((path for place in places if (path := place / (picture.stem + suffix)).is_file()), None)
