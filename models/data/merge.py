"""All sources as one training set on disk, with our class ids, so that it can be looked at before training."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import Boxes, overlap, read_labels, write_labels
from models.data.sources import Recipe, Source, find_in_roots
from models.errors import BadUse

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
INDEX_NAME: Final = "index.csv"
SAME_THING: Final = 0.45  # a filled-in box that overlaps a label this much is the labelled thing
LEAST_VISIBLE: Final = 0.4  # a box cut by a window's edge counts while this share of it is inside

# Finds boxes of (a picture in BGR, the classes wanted) by another network.
Filler = Callable[[NDArray[np.uint8], frozenset[int]], Boxes]


@dataclass(frozen=True, slots=True)
class MergedSet:
    """The training set on disk: pictures (links where they were not cut) and the source of each."""

    folder: Path
    pictures: tuple[Path, ...]
    source: NDArray[np.int64]  # (pictures,) index into the recipe's sources


def merge_sources(recipe: Recipe, roots: tuple[Path, ...], folder: Path, filler: Filler) -> MergedSet:
    """Write `images/`, `labels/` and `index.csv` into `folder`; a finished set found there is used as it is.

    Raises:
        BadUse: a source's folder is missing or holds no picture that matches.
    """
    if (folder / INDEX_NAME).is_file():
        return read_merged(recipe, folder)
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = [
        (name, source.name)
        for source in recipe.sources
        for name in _write_source(source, find_in_roots(source.folder, roots), folder, filler)
    ]
    partial = folder / "index.partial"
    with partial.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("picture", "source"), *rows])
    partial.replace(folder / INDEX_NAME)
    return read_merged(recipe, folder)


def read_merged(recipe: Recipe, folder: Path) -> MergedSet:
    """A set that `merge_sources` wrote, by the order of its picture names."""
    with (folder / INDEX_NAME).open(newline="", encoding="utf-8") as stream:
        rows = sorted((row["picture"], row["source"]) for row in csv.DictReader(stream))
    index = {source.name: number for number, source in enumerate(recipe.sources)}
    if not {source for _, source in rows} <= set(index):
        raise BadUse(f"{folder} was merged for another configuration", advice="give another --run folder")
    pictures = tuple(folder / "images" / name for name, _ in rows)
    return MergedSet(folder, pictures, np.array([index[source] for _, source in rows], np.int64))


def _write_source(source: Source, origin: Path, folder: Path, filler: Filler) -> Iterator[str]:
    matching = {path for glob in source.match for path in (origin / "images").glob(glob)}
    pictures = sorted(path for path in matching if path.suffix.lower() in PICTURES)
    if not pictures:
        raise BadUse(f"source {source.name}: no picture matches {' or '.join(source.match)} in {origin / 'images'}")
    for path in pictures:
        boxes = read_labels(origin / "labels" / f"{path.stem}.txt").renamed(source.labels)
        picture = _read(path) if source.fill or source.window else None
        if picture is not None and source.fill:
            boxes = boxes.plus(new_boxes(filler(picture, source.fill), boxes))
        name = f"{source.name}__{path.name}"
        link = folder / "images" / name
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())
        write_labels(folder / "labels" / f"{Path(name).stem}.txt", boxes)
        yield name
        if picture is not None and 0 < source.window < max(picture.shape[:2]):
            yield _write_window(picture, boxes, source.window, folder, Path(name).stem)


def new_boxes(found: Boxes, labelled: Boxes) -> Boxes:
    """The found boxes of things that no label is about."""
    if not len(found) or not len(labelled):
        return found
    return found[overlap(found.xyxy, labelled.xyxy).max(axis=1) < SAME_THING]


def cut_window(boxes: Boxes, width: int, height: int, window: tuple[int, int, int, int]) -> Boxes:
    """Boxes of a width x height picture, as fractions of its window x1 y1 x2 y2 (pixels); slivers are dropped."""
    x1, y1, x2, y2 = window
    pixels = boxes.xyxy * [width, height, width, height]
    inside = pixels.clip([x1, y1, x1, y1], [x2, y2, x2, y2])
    area = np.prod(pixels[:, 2:] - pixels[:, :2], axis=1)
    left = np.prod(inside[:, 2:] - inside[:, :2], axis=1)
    seen = left >= LEAST_VISIBLE * np.maximum(area, 1e-9)
    size = [x2 - x1, y2 - y1, x2 - x1, y2 - y1]
    return Boxes(boxes.class_id[seen], ((inside - [x1, y1, x1, y1]) / size)[seen])


def _write_window(picture: NDArray[np.uint8], boxes: Boxes, size: int, folder: Path, stem: str) -> str:
    """Cut around a box of the picture, chosen by its name so that a second merge cuts the same."""
    height, width = picture.shape[:2]
    random = np.random.default_rng(list(stem.encode()))
    centre = random.uniform(size=2)
    if len(boxes):
        box = boxes.xyxy[random.integers(len(boxes))]
        centre = (box[:2] + box[2:]) / 2 + random.uniform(-0.1, 0.1, 2)
    wide, high = min(size, width), min(size, height)
    x1 = int(np.clip(centre[0] * width - wide / 2, 0, width - wide))
    y1 = int(np.clip(centre[1] * height - high / 2, 0, height - high))
    name = f"{stem}__window.jpg"
    cut = picture[y1 : y1 + high, x1 : x1 + wide]
    cv2.imwrite(str(folder / "images" / name), cut, [cv2.IMWRITE_JPEG_QUALITY, 92])
    write_labels(
        folder / "labels" / f"{stem}__window.txt", cut_window(boxes, width, height, (x1, y1, x1 + wide, y1 + high))
    )
    return name


def _read(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadUse(f"{path} cannot be read as a picture")
    return np.asarray(picture, np.uint8)
