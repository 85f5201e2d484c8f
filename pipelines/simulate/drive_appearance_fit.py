"""How far things look from themselves after a while, and from others: the measurements behind `drive_appearance` and
`vision.appearance.likeness`.

`python -m pipelines.simulate.drive_appearance_fit` shows the network rendered streets through which the camera drives,
describes what it finds there, and prints the distances between descriptors on the scale of `likeness.on_scale`.
Drives and clips for evaluation take no part.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.detector import Detector
from models.store import load_detector
from pipelines.simulate.drive_noise_fit import STEP_S, USERS, Rendered, matched, rendered_drives
from vision.appearance.descriptors import cut_out, describe
from vision.appearance.likeness import apart, on_scale
from vision.log import Floats
from vision.overlap import iou
from vision.tracking.sightings import GROUP_OF

KINDS: Final = {"vehicles": 0, "two-wheelers": 1, "people": 2}
GAPS_S: Final = (0.1, 0.3, 0.7, 1.5, 4.0)
SIZES_PX: Final = (4.0, 12.0, 20.0, 32.0, 56.0, 640.0)
LIKELY: Final = 0.1  # confidence from which boxes are described


@dataclass(frozen=True, slots=True)
class Described:
    """N sightings in the pictures of one street. `thing`: (N,) number of each; `high_px`: (N,) height of its box."""

    step: NDArray[np.int32]
    thing: NDArray[np.intp]
    group: NDArray[np.intp]
    high_px: Floats
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Apart:
    """Pairs of sightings of one kind in one street: how far they look from each other. `high_px`: of the lower box."""

    distance: Floats
    gap_s: Floats
    high_px: Floats
    same: NDArray[np.bool_]


def described(detector: Detector, drives: Iterable[Rendered]) -> Iterator[Described]:
    """Street by street, what the network finds of things."""
    rows: list[tuple[int, str, int, float, NDArray[np.float16]]] = []
    street = 0
    for each in drives:
        if each.street != street:
            yield _of_street(rows)
            rows, street = [], each.street
        found = detector.detect(each.picture).of(USERS)
        found = found[found.confidence >= LIKELY]
        overlap = iou(each.truth.boxes, found.boxes)
        pairs = {column: row for row, column in matched(overlap).items()}
        cut, large = cut_out(each.picture, found.boxes)
        for place, vector in zip(large.tolist(), describe(cut), strict=True):
            if place in pairs:
                high = float(found.boxes[place, 3] - found.boxes[place, 1])
                group = int(GROUP_OF[each.truth.class_id[pairs[place]]])
                rows.append((each.step, each.names[pairs[place]], group, high, vector))
    yield _of_street(rows)


def _of_street(rows: list[tuple[int, str, int, float, NDArray[np.float16]]]) -> Described:
    step, name, group, high, vectors = zip(*rows, strict=True)
    _, thing = np.unique(np.array(name), return_inverse=True)
    return Described(np.array(step, np.int32), thing, np.array(group, np.intp), np.array(high), np.array(vectors))


def distances(seen: Described, kind: int) -> Apart:
    """Of all pairs of sightings of a kind in a street; of none where too few were seen together."""
    rows = np.flatnonzero(seen.group == kind)
    looks = on_scale(seen.vectors[rows], seen.step[rows], seen.group[rows])
    one, other = np.triu_indices(len(rows) if len(rows) and np.isfinite(looks).all() else 0, 1)
    gap = np.abs(seen.step[rows][one] - seen.step[rows][other]) * STEP_S
    high = np.minimum(seen.high_px[rows][one], seen.high_px[rows][other])
    return Apart(apart(looks, looks)[one, other], gap, high, seen.thing[rows][one] == seen.thing[rows][other])


def _line(name: str, distance: Floats) -> str:
    if len(distance) < 20:
        return f"  {name}: {len(distance)} pairs"
    log = np.log(np.maximum(distance, 1e-3))
    quantiles = np.round(np.quantile(distance, [0.01, 0.1, 0.5, 0.9, 0.99]), 2)
    return f"  {name}: {len(distance)} pairs, quantiles {quantiles}, logarithm {log.mean():.2f} +- {log.std():.2f}"


def _summary(name: str, parts: list[Apart]) -> str:
    distance, gap, high, same = (
        np.concatenate([getattr(part, column) for part in parts]) for column in Apart.__slots__
    )
    lines = [name, _line("two things", distance[~same])]
    for low, end in pairwise(GAPS_S):
        lines.append(_line(f"one after {low}-{end} s", distance[same & (gap >= low) & (gap < end)]))
    for low, end in pairwise(SIZES_PX):
        rows = same & (gap < GAPS_S[1]) & (high >= low) & (high < end)
        lines.append(_line(f"one after one look, {low:.0f}-{end:.0f} px high", distance[rows]))
    return "\n".join(lines) + "\n"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streets", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    streets = list(described(load_detector(None), rendered_drives(chosen.streets, chosen.seed)))
    for name, kind in KINDS.items():
        sys.stdout.write(_summary(name, [distances(each, kind) for each in streets]))


if __name__ == "__main__":
    _main()
