"""Which labelled pictures `patrol evaluate network` looks at: their typed configuration, and reading them."""

from __future__ import annotations

import csv
import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.configuration import configuration
from models.data.boxes import read_labels
from models.data.merge import INDEX_NAME
from models.data.pictures import pictures_in, read_rgb
from models.data.sources import find_in_roots
from models.decode import GREY
from models.detections import Detections
from models.errors import BadUse
from models.taxonomy import CLASS_ID, STREET_CLASSES, class_map

HELD: Final = "held"  # in the column `split` of a merged training set: kept out of the training
CROP_SIDE: Final = 48  # a cut-out head is looked at with this longer side, a near head in the lights look
CROP_CANVAS: Final = 160  # and in the middle of a plain grey square of this side: three times its size, as in a street


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Labelled pictures that were never trained on.

    Attributes:
        folder: holds `images/` and `labels/`, relative to one of the data roots.
        labels: the source's class ids -> our class ids; only these classes are scored.
        size: the longer side is scaled to this many pixels; 0: as it is.
        tuning: thresholds may be chosen on it.
        sequence: regular expression whose first group is a picture's number in its recording; empty: names do not tell.
        crops: instead of `labels`: (subfolder, our class id) of cut-out objects, one filling each picture.
    """

    name: str
    folder: str
    labels: tuple[tuple[int, int], ...] = ()
    match: tuple[str, ...] = ("*",)
    size: int = 640
    tuning: bool = True
    sequence: str = ""
    crops: tuple[tuple[str, int], ...] = ()

    def class_ids(self) -> list[int]:
        return sorted({ours for _, ours in (*self.labels, *self.crops)})


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture as the network is shown it, and what is to be found there.

    Attributes:
        picture: (H, W, 3) RGB.
        truths: the labels in its pixels, with confidence 1.
    """

    path: Path
    picture: NDArray[np.uint8]
    truths: Detections


def read_evaluation(path: Path) -> tuple[EvaluationSet, ...]:
    """Read the list of evaluation sets.

    Raises:
        BadUse: no such file, not TOML, or something in it that is not known.
    """
    with configuration(path, advice="each [[set]] takes a name, a folder and labels or crops") as content:
        return tuple(_set(entry) for entry in content.tables["set"])


def held_sets(folder: Path) -> tuple[EvaluationSet, ...]:
    """One tuning set per source: the pictures of a merged training set that its training held out.

    Its labels are in our class ids. A class is scored where the source has boxes of it.

    Raises:
        BadUse: the folder is not a merged set, or nothing of it was held out.
    """
    names: dict[str, list[str]] = {}
    try:
        with (folder / INDEX_NAME).open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                if row.get("split") == HELD:
                    names.setdefault(row["source"], []).append(row["picture"])
    except OSError as error:
        raise BadUse(f"no merged training set in {folder}", advice="give the folder RUN/set") from error
    if not names:
        raise BadUse(f"{folder} holds no picture back from training", advice="choose thresholds with --tune alone")
    return tuple(_held_set(source, folder, pictures) for source, pictures in sorted(names.items()))


def count_pictures(source: EvaluationSet, roots: tuple[Path, ...]) -> int:
    return len(_paths(source, find_in_roots(source.folder, roots)))


def labelled_pictures(source: EvaluationSet, roots: tuple[Path, ...]) -> Iterator[Labelled]:
    """The pictures of a set at the set's size."""
    folder = find_in_roots(source.folder, roots)
    for path in _paths(source, folder):
        yield read_crop(source, path) if source.crops else _read_scene(source, path, folder)


def picture_of(source: EvaluationSet, path: Path) -> NDArray[np.uint8]:
    """One picture of a set as the network is shown it, RGB."""
    return read_crop(source, path).picture if source.crops else _scaled(read_rgb(path), source.size)


def read_crop(source: EvaluationSet, path: Path) -> Labelled:
    """A cut-out object scaled to `CROP_SIDE` on plain grey."""
    crop = _scaled(read_rgb(path), CROP_SIDE)
    height, width = crop.shape[:2]
    left, top = (CROP_CANVAS - width) // 2, (CROP_CANVAS - height) // 2
    canvas = np.full((CROP_CANVAS, CROP_CANVAS, 3), GREY, np.uint8)
    canvas[top : top + height, left : left + width] = crop
    box = np.array([[left, top, left + width, top + height]], np.float32)
    class_id = np.array([dict(source.crops)[path.parent.name]], np.int16)
    return Labelled(path, canvas, Detections(box, np.ones(1, np.float32), class_id))


def _read_scene(source: EvaluationSet, path: Path, folder: Path) -> Labelled:
    picture = _scaled(read_rgb(path), source.size)
    height, width = picture.shape[:2]
    labels = read_labels(folder / "labels" / f"{path.stem}.txt").renamed(source.labels)
    boxes = (labels.xyxy * [width, height, width, height]).astype(np.float32)
    return Labelled(
        path, picture, Detections(boxes, np.ones(len(labels), np.float32), labels.class_id.astype(np.int16))
    )


def _scaled(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    longer = max(picture.shape[:2])
    if not size or longer == size:
        return picture
    scale = size / longer
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _paths(source: EvaluationSet, folder: Path) -> list[Path]:
    folders = [folder / name for name, _ in source.crops] or [folder / "images"]
    paths = sorted(path for each in folders for path in pictures_in(each, source.match))
    if not paths:
        raise BadUse(f"set {source.name}: no picture in {folder} matches {' or '.join(source.match)}")
    return paths


def _set(entry: dict[str, Any]) -> EvaluationSet:
    options = {"match": ["*"], **entry}
    if ("labels" in options) == ("crops" in options):
        raise ValueError(f"set {options.get('name')} needs labels or crops")
    labels = class_map(options.pop("labels", {}))
    crops = tuple((folder, CLASS_ID[ours]) for folder, ours in options.pop("crops", {}).items())
    return EvaluationSet(**{**options, "match": tuple(options["match"])}, labels=labels, crops=crops)


def _held_set(source: str, folder: Path, pictures: list[str]) -> EvaluationSet:
    labels = (read_labels(folder / "labels" / f"{Path(name).stem}.txt") for name in pictures)
    seen = sorted({int(each) for boxes in labels for each in boxes.class_id if each < len(STREET_CLASSES)})
    return EvaluationSet(
        name=f"held-{source}",
        folder=str(folder.resolve()),
        labels=tuple((each, each) for each in seen),
        match=tuple(glob.escape(name) for name in sorted(pictures)),
    )
