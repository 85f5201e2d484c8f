"""Patches of street pictures that the lamp state network learns from: heads, and what only looks like one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import overlap, read_labels
from models.data.lamps import RED, red_as_yellow, unlit
from models.data.pictures import read_rgb
from models.detector import Detector
from models.lamp_state.recipe import LampRecipe, LampSource
from models.lamp_state.window import NONE, STATE_CLASS, STATES
from models.taxonomy import LIGHTS, class_ids

CONTEXT: Final = 3.2  # side of a patch per longer side of its box
LONGEST: Final = 96  # pixels of a box in a patch; larger ones are scaled down, nothing is learned from more
FOLDS: Final = 6  # one in so many groups is held out
NEIGHBOURS: Final = 30  # pictures numbered nearer than this may show the same junction
STREET_SIDE: Final = 640  # longer side at which streets are looked at
RANDOM_PATCHES: Final = 2  # of each street picture, beside what the detector takes for a head
UPRIGHT: Final = 1.6  # height per width from which a head surely stands, and its lamps are where `unlit` expects them
OFF, YELLOW = STATES.index("off"), STATES.index("yellow")
LIGHT_IDS: Final = class_ids(LIGHTS)


@dataclass(frozen=True, slots=True)
class Patch:
    """A part of a picture around one box.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        box: (4,) float32 x1 y1 x2 y2 in its pixels.
        state: index into `STATES`.
        bare: the picture holds nothing but the head, and must be put before a street.
        made: its lamps were changed by us.
    """

    picture: NDArray[np.uint8]
    box: NDArray[np.float32]
    state: int
    bare: bool = False
    made: bool = False


@dataclass(frozen=True, slots=True)
class Patches:
    """Patches to train on and patches held out, and streets to put bare heads before."""

    train: tuple[Patch, ...]
    held_out: tuple[Patch, ...]
    streets: tuple[NDArray[np.uint8], ...]


def collect_patches(recipe: LampRecipe, roots: tuple[Path, ...], detector: Detector) -> Patches:
    """Cut all patches.

    Args:
        detector: what it takes for heads in the recipe's streets is learned as none.
    """
    train: list[Patch] = []
    held: list[Patch] = []
    streets: list[NDArray[np.uint8]] = []
    for source in recipe.heads:
        for path in source.pictures(roots, "images"):
            (held if is_held_out(path.stem) else train).extend(_head_patches(path, source))
    for source in recipe.crops:
        for state in range(NONE - 1):
            for path in source.pictures(roots, STATES[state]):
                (held if is_held_out(path.stem) else train).append(_crop_patch(path, state))
    for source in recipe.streets:
        for path in source.pictures(roots, "images"):
            picture = _at_most(read_rgb(path), STREET_SIDE)
            found = _none_patches(picture, detector, np.random.default_rng(zlib.crc32(path.stem.encode())))
            (held if is_held_out(path.stem) else train).extend(found)
            if not is_held_out(path.stem):
                streets.append(picture)
    return Patches(tuple(with_made(train)), tuple(with_made(held)), tuple(streets))


def with_made(patches: list[Patch]) -> list[Patch]:
    """The patches, and those made of upright heads: all of them dark, and red ones that show yellow."""
    made: list[Patch] = []
    for patch in patches:
        wide, tall = patch.box[2:] - patch.box[:2]
        if patch.state < OFF and tall > UPRIGHT * wide and tall >= 12:
            class_id = int(STATE_CLASS[patch.state])
            made += _remade(patch, partial(unlit, class_id=class_id), OFF)
            if class_id == RED:
                made += _remade(patch, red_as_yellow, YELLOW)
    return patches + made


def is_held_out(stem: str) -> bool:
    """Whether a picture's group is held out: neighbours in a numbered series go together, as do all crops of one."""
    source, _, rest = stem.replace("__", "_").partition("_")
    number = re.search(r"\d+", rest) if source in ("cinta", "s2tld") else None
    group = f"{source} {int(number.group()) // NEIGHBOURS}" if number else stem
    return zlib.crc32(group.encode()) % FOLDS == 0


def patch_of(picture: NDArray[np.uint8], box: NDArray[np.float32], state: int) -> Patch:
    """The box and the street around it; never enlarged."""
    side = float((box[2:] - box[:2]).max())
    centre, half = (box[:2] + box[2:]) / 2, side * CONTEXT / 2
    left, top = np.floor(np.maximum(centre - half, 0)).astype(int)
    right, bottom = np.ceil(centre + half).astype(int)
    part, mine = picture[top:bottom, left:right], box - np.array([left, top, left, top], np.float32)
    scale = min(1.0, LONGEST / max(side, 1.0))
    if scale < 1:
        part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return Patch(np.ascontiguousarray(part), (mine * scale).astype(np.float32), state)


def _remade(patch: Patch, change: Callable[[NDArray[np.uint8]], NDArray[np.uint8] | None], state: int) -> list[Patch]:
    """The patch with its head changed, if that can be done."""
    left, top, right, bottom = np.round(patch.box).astype(int).clip(0)
    picture = patch.picture.copy()
    head = change(np.ascontiguousarray(picture[top:bottom, left:right, ::-1]))  # BGR
    if head is None:
        return []
    picture[top:bottom, left:right] = head[..., ::-1]
    return [replace(patch, picture=picture, state=state, made=True)]


def _head_patches(path: Path, source: LampSource) -> list[Patch]:
    picture, labels = read_rgb(path), read_labels(path.parent.parent / "labels" / f"{path.stem}.txt")
    boxes = labels.renamed(source.labels)
    height, width = picture.shape[:2]
    pixels = (boxes.xyxy * [width, height, width, height]).astype(np.float32)
    state = [int(np.flatnonzero(each == STATE_CLASS)[0]) for each in boxes.class_id]
    return [patch_of(picture, box, each) for box, each in zip(pixels, state, strict=True)]


def _crop_patch(path: Path, state: int) -> Patch:
    picture = _at_most(read_rgb(path), LONGEST)
    height, width = picture.shape[:2]
    return Patch(picture, np.array([0, 0, width, height], np.float32), state, bare=True)


def _at_most(picture: NDArray[np.uint8], longer: int) -> NDArray[np.uint8]:
    scale = longer / max(picture.shape[:2])
    if scale >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _none_patches(picture: NDArray[np.uint8], detector: Detector, random: np.random.Generator) -> list[Patch]:
    """What the detector takes for a head where none is, and boxes of a head's shape around coloured things."""
    found = detector.detect(picture).of(LIGHT_IDS)
    boxes = found.boxes[: 3 * RANDOM_PATCHES]
    more = np.array([_coloured_box(picture, random) for _ in range(RANDOM_PATCHES)], np.float32)
    apart = overlap(more, boxes).max(axis=1, initial=0.0) == 0
    return [patch_of(picture, box, NONE) for box in np.concatenate([boxes, more[apart]])]


def _coloured_box(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.float32]:
    """A box of a head's shape; half of them lie on something as coloured as a lamp (tail lights, signs, shirts)."""
    height, width = picture.shape[:2]
    rows, columns = random.integers(0, height, 200), random.integers(0, width, 200)
    x, y = columns[0], rows[0]
    if random.random() < 0.5:
        colour = picture[rows, columns].astype(int)
        best = int((colour.max(axis=1) - colour.min(axis=1) + 0.5 * colour.max(axis=1)).argmax())
        x, y = columns[best], rows[best]
    tall = float(np.exp(random.uniform(np.log(10), np.log(90))))
    wide = tall * random.uniform(0.25, 0.7)
    if random.random() < 0.1:
        tall, wide = wide, tall
    return np.array([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2], np.float32)
