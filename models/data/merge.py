"""All sources as one training set on disk, with our class ids, so that it can be looked at before training."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import Boxes, read_labels, write_labels
from models.data.cutouts import write_cutout
from models.data.groups import NEAR_DUPLICATE, difference_hash, held_out, nearest, scene_groups
from models.data.loose import cut_out, tightened
from models.data.pictures import pictures_in, read_bgr
from models.data.provenance import write_manifest
from models.data.sources import Recipe, Source, find_in_roots
from models.data.window import cut_window, window_around
from models.errors import BadUse

INDEX_NAME: Final = "index.csv"
LEFT_OUT_NAME: Final = "left_out.csv"
TRAIN, HELD = "train", "held"


@dataclass(frozen=True, slots=True)
class MergedSet:
    """The training set on disk: pictures (links where they were not cut) and what is known of each.

    Attributes:
        source: (pictures,) index into the recipe's sources.
        split: (pictures,) "train" or "held"; the held ones are for early stopping and thresholds.
    """

    folder: Path
    pictures: tuple[Path, ...]
    source: NDArray[np.int64]
    split: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    source: str
    split: str = TRAIN


@dataclass(frozen=True, slots=True)
class _Written:
    """What one picture of a source became: itself and perhaps a window of it."""

    entries: tuple[_Entry, ...]
    likeness: NDArray[np.uint64]


def merge_sources(recipe: Recipe, roots: tuple[Path, ...], folder: Path) -> MergedSet:
    """Write `images/`, `labels/`, `cutouts/`, `index.csv`, `left_out.csv` and `manifest.json` into `folder`.

    A finished set found there is used as it is. `left_out.csv` names the pictures too like those to stay apart from.

    Raises:
        BadUse: a source's folder is missing or holds no picture that matches.
    """
    if (folder / INDEX_NAME).is_file():
        return read_merged(recipe, folder)
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    apart = _likenesses([find_in_roots(each, roots) for each in recipe.apart_from])
    entries: list[_Entry] = []
    left_out: list[tuple[str, str]] = []
    for source in recipe.sources:
        written = _write_source(source, find_in_roots(source.folder, roots), folder)
        likeness = np.array([each.likeness for each in written], np.uint64).reshape(-1, 2)
        near = nearest(likeness, apart) <= NEAR_DUPLICATE
        left_out += [(entry.name, source.name) for row in np.flatnonzero(near) for entry in written[row].entries]
        kept = [each for each, drop in zip(written, near, strict=True) if not drop]
        entries += _split(source, recipe, kept, likeness[~near])
    _write_rows(folder / LEFT_OUT_NAME, [("picture", "source"), *left_out])
    licence = {source.name: source.licence for source in recipe.sources}
    write_manifest(folder, [(each.name, each.source, licence[each.source], each.split) for each in entries])
    rows = [(each.name, each.source, each.split) for each in entries]
    _write_rows(folder / INDEX_NAME, [("picture", "source", "split"), *rows])
    return read_merged(recipe, folder)


def read_merged(recipe: Recipe, folder: Path) -> MergedSet:
    """A set that `merge_sources` wrote, by the order of its picture names."""
    with (folder / INDEX_NAME).open(newline="", encoding="utf-8") as stream:
        rows = sorted((row["picture"], row["source"], row["split"]) for row in csv.DictReader(stream))
    index = {source.name: number for number, source in enumerate(recipe.sources)}
    if not {source for _, source, _ in rows} <= set(index):
        raise BadUse(f"{folder} was merged for another configuration", advice="give another --run folder")
    source = np.array([index[each] for _, each, _ in rows], np.int64)
    pictures = tuple(folder / "images" / name for name, _, _ in rows)
    return MergedSet(folder, pictures, source, np.array([split for _, _, split in rows], np.str_))


def _write_source(source: Source, origin: Path, folder: Path) -> list[_Written]:
    paths = pictures_in(origin / "images", source.match)
    if not paths:
        raise BadUse(f"source {source.name}: no picture matches {' or '.join(source.match)} in {origin / 'images'}")
    written, cut = [], 0
    for path in paths:
        picture = read_bgr(path)
        boxes = read_labels(origin / "labels" / f"{path.stem}.txt").renamed(source.labels)
        for class_id, cutout in cut_out(picture, boxes) if cut < source.cutouts else ():
            write_cutout(folder, f"{source.name}__{path.stem}", cut, class_id, cutout)
            cut += 1
        if source.loose:
            boxes = tightened(picture, boxes)
        written.append(_write_picture(source, path, picture, boxes, folder))
    return written


def _write_picture(source: Source, path: Path, picture: NDArray[np.uint8], boxes: Boxes, folder: Path) -> _Written:
    entry = _Entry(f"{source.name}__{path.name}", source.name)
    link = folder / "images" / entry.name
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    write_labels(folder / "labels" / f"{Path(entry.name).stem}.txt", boxes)
    entries: tuple[_Entry, ...] = (entry,)
    if 0 < source.window < max(picture.shape[:2]):
        stem = Path(entry.name).stem
        entries = (entry, replace(entry, name=_write_window(picture, boxes, source.window, folder, stem)))
    return _Written(entries, difference_hash(picture))


def _write_window(picture: NDArray[np.uint8], boxes: Boxes, size: int, folder: Path, stem: str) -> str:
    """Cut around a box of the picture, chosen by its name so that a second merge cuts the same."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = window = window_around(boxes, width, height, size, np.random.default_rng(list(stem.encode())))
    name = f"{stem}__window.jpg"
    cv2.imwrite(str(folder / "images" / name), picture[y1:y2, x1:x2], [cv2.IMWRITE_JPEG_QUALITY, 92])
    write_labels(folder / "labels" / f"{stem}__window.txt", cut_window(boxes, width, height, window))
    return name


def _split(source: Source, recipe: Recipe, written: list[_Written], likeness: NDArray[np.uint64]) -> list[_Entry]:
    if not source.held or not recipe.held_share:
        return [entry for each in written for entry in each.entries]
    group = scene_groups([each.entries[0].name for each in written], likeness, source.sequence)
    held = held_out(group, recipe.held_share, recipe.seed)
    return [
        replace(entry, split=HELD if out else TRAIN)
        for each, out in zip(written, held, strict=True)
        for entry in each.entries
    ]


def _likenesses(folders: list[Path]) -> NDArray[np.uint64]:
    paths = [path for folder in folders for path in pictures_in(folder / "images")]
    return np.array([difference_hash(read_bgr(path)) for path in paths], np.uint64).reshape(-1, 2)


def _write_rows(path: Path, rows: list[tuple[str, ...]]) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    partial.replace(path)
