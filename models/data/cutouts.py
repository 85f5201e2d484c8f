"""Litter cut out of labelled boxes with GrabCut: to be pasted, and to tighten boxes that are known to be loose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.taxonomy import CLASS_ID, STREET_CLASSES

WORKING_SIDE: Final = 72  # longer side of the box while it is cut, pixels
LEAST_SIDE: Final = 20  # a smaller box shows too little to be cut out
ROUNDS: Final = 3
SHARES: Final = (0.2, 0.92)  # of its box that a thing covers; outside, GrabCut took the wrong side
LEAST_SOLID: Final = 0.7  # area of the mask over that of its convex hull
FOLDER: Final = "cutouts"


@dataclass(frozen=True, slots=True)
class Cutouts:
    """Things without their background: BGR and opacity, and the class of each."""

    pictures: tuple[NDArray[np.uint8], ...]  # each (h, w, 4)
    class_id: NDArray[np.int64]


def foreground(picture: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.uint8] | None:
    """The thing in the box (x1 y1 x2 y2, pixels) as (h, w, 4) BGR and opacity; None where the cut looks wrong.

    The result covers the whole box, scaled to `WORKING_SIDE` pixels at most.
    """
    size = box[2:] - box[:2]
    if size.min() < LEAST_SIDE / 2 or size.max() < LEAST_SIDE:
        return None
    margin = 0.3 * size
    low = np.maximum(np.floor(box[:2] - margin), 0).astype(int)
    high = np.minimum(np.ceil(box[2:] + margin), picture.shape[1::-1]).astype(int)
    scale = min(1.0, WORKING_SIDE / size.max())
    part = cv2.resize(
        picture[low[1] : high[1], low[0] : high[0]], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    x1, y1 = np.round((box[:2] - low) * scale).astype(int)
    x2, y2 = np.minimum(np.round((box[2:] - low) * scale).astype(int), part.shape[1::-1])
    if x2 - x1 < 4 or y2 - y1 < 4 or (x2 - x1) * (y2 - y1) > 0.9 * part.shape[0] * part.shape[1]:
        return None
    mask = np.zeros(part.shape[:2], np.uint8)
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(part, mask, (x1, y1, x2 - x1, y2 - y1), *models, ROUNDS, cv2.GC_INIT_WITH_RECT)
    kept = _largest(np.isin(mask[y1:y2, x1:x2], (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8))
    if kept is None:
        return None
    soft = cv2.GaussianBlur(kept * np.uint8(255), (3, 3), 0.8)
    return np.dstack([part[y1:y2, x1:x2], soft])


def extent(cutout: NDArray[np.uint8]) -> NDArray[np.float64]:
    """x1 y1 x2 y2 of the opaque part, as fractions of the cut-out."""
    rows, columns = np.flatnonzero(cutout[..., 3].max(axis=1) > 127), np.flatnonzero(cutout[..., 3].max(axis=0) > 127)
    height, width = cutout.shape[:2]
    return np.array([columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height])


def trimmed(cutout: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The cut-out without its transparent margin."""
    height, width = cutout.shape[:2]
    x1, y1, x2, y2 = np.round(extent(cutout) * [width, height, width, height]).astype(int)
    return cutout[y1:y2, x1:x2]


def write_cutout(folder: Path, picture: str, number: int, class_id: int, cutout: NDArray[np.uint8]) -> None:
    (folder / FOLDER).mkdir(exist_ok=True)
    path = folder / FOLDER / f"{STREET_CLASSES[class_id]}~{picture}~{number}.png"
    cv2.imwrite(str(path), trimmed(cutout))


def read_cutouts(folder: Path, pictures: frozenset[str]) -> Cutouts:
    """What `write_cutout` left in the folder of a merged set, of these pictures (names without suffix)."""
    kept = [path for path in sorted((folder / FOLDER).glob("*.png")) if path.stem.split("~")[1] in pictures]
    things = tuple(np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.uint8) for path in kept)
    return Cutouts(things, np.array([CLASS_ID[path.stem.split("~")[0]] for path in kept], np.int64))


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The largest piece of the mask if it is plausible as one thing."""
    count, marks, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    piece = (marks == best).astype(np.uint8)
    area = float(piece.sum())
    outline, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.contourArea(cv2.convexHull(outline[0])) + len(outline[0]) / 2
    plausible = SHARES[0] <= area / mask.size <= SHARES[1] and area >= LEAST_SOLID * hull and area >= 0.7 * mask.sum()
    return piece if plausible else None
