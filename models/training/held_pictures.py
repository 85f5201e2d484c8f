"""What a training ends with to look at: `confusion.png` and `mistakes.jpg` of the held pictures.

They show other people's pictures, among them readable plates and faces: they are not for publishing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.boxes import overlap
from models.detections import Detections
from models.evaluation.evaluate import Seen, by_class, choose_thresholds
from models.evaluation.mistakes import SHOWN, Kind, draw, worst_mistakes
from models.taxonomy import STREET_CLASSES

SAME: Final = 0.5  # overlap from which a detection is about a labelled thing, whatever it calls it
PER_KIND: Final = 4  # mistakes of each kind and class on the sheet
QUALITY: Final = 80  # of a sheet of up to 14 rows of photographs, 2400 pixels wide
KINDS: Final[tuple[Kind, ...]] = ("false", "missed")


def draw_held(seen: Sequence[Seen], folder: Path) -> None:
    """Write both pictures, with thresholds chosen on the same held pictures."""
    thresholds = choose_thresholds(by_class(seen))
    _draw_confusion(confusion(seen, thresholds), folder / "confusion.png")
    cv2.imwrite(str(folder / "mistakes.jpg"), _sheet(seen, thresholds), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def confusion(seen: Sequence[Seen], thresholds: NDArray[np.float32]) -> NDArray[np.int64]:
    """(classes + 1, classes + 1) what things are (rows) and what they are called (columns).

    The last row counts detections of nothing, the last column things missed. A detection of a class that the set
    does not label is left out unless it lies on a labelled thing.
    """
    nothing = len(STREET_CLASSES)
    table = np.zeros((nothing + 1, nothing + 1), np.int64)
    for each in seen:
        labelled = each.source.class_ids()
        for found, truths in zip(each.found, each.truths, strict=True):
            shown = found[found.confidence >= thresholds[found.class_id]]
            called = _called(shown, truths)
            free = np.ones(len(shown), np.bool_)
            free[called[called >= 0]] = False
            columns = np.where(called >= 0, shown.class_id[called] if len(shown) else nothing, nothing)
            np.add.at(table, (truths.class_id.astype(int), columns.astype(int)), 1)
            false = shown.class_id[free & np.isin(shown.class_id, labelled)]
            np.add.at(table, (np.full(len(false), nothing), false.astype(int)), 1)
    return table


def _called(found: Detections, truths: Detections) -> NDArray[np.int64]:
    """(truths,) the detection that each truth is paired with, -1 for none; the best overlapping pairs go first."""
    called = np.full(len(truths), -1, np.int64)
    if not len(found) or not len(truths):
        return called
    ious = overlap(truths.boxes, found.boxes)
    # Of two boxes that lie on a thing alike, the one that calls it right is its own.
    worth = ious + (truths.class_id[:, None] == found.class_id[None, :])
    taken = np.zeros(len(found), np.bool_)
    for flat in np.argsort(-worth, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(found))
        if ious[row, column] >= SAME and called[row] < 0 and not taken[column]:
            called[row], taken[column] = column, True
    return called


def _draw_confusion(table: NDArray[np.int64], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 9), layout="constrained")
    axes = figure.subplots()
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(table), strict=True):
        colour = "white" if share[row, column] > 0.6 else "black"
        axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(table)), [*STREET_CLASSES, "missed"], rotation=90)
    axes.set_yticks(range(len(table)), [*STREET_CLASSES, "nothing"])
    axes.set_xlabel("called")
    axes.set_ylabel("is")
    figure.savefig(path, dpi=90)


def _sheet(seen: Sequence[Seen], thresholds: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A row per class: the surest false alarms, then the largest misses."""
    classes = sorted({each for part in seen for each in part.source.class_ids()})
    rows = []
    for class_id in classes:
        cells = [cell for kind in KINDS for cell in _cells(seen, class_id, float(thresholds[class_id]), kind)]
        row = np.hstack(cells)
        caption = f"{STREET_CLASSES[class_id]}: false alarms | misses"
        cv2.putText(row, caption, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 3)
        cv2.putText(row, caption, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1)
        rows.append(row)
    return np.asarray(np.vstack(rows) if rows else np.zeros((SHOWN, SHOWN, 3)), np.uint8)


def _cells(seen: Sequence[Seen], class_id: int, threshold: float, kind: Kind) -> list[NDArray[np.uint8]]:
    """`PER_KIND` square pictures, grey where there are fewer mistakes."""
    cells = [np.full((SHOWN, SHOWN, 3), 200, np.uint8) for _ in range(PER_KIND)]
    for cell, mistake in zip(cells, worst_mistakes(seen, class_id, threshold, kind, PER_KIND), strict=False):
        drawn = cv2.imdecode(np.frombuffer(draw(mistake, threshold), np.uint8), cv2.IMREAD_COLOR)
        if drawn is not None:
            part = drawn[:SHOWN, :SHOWN]
            cell[: part.shape[0], : part.shape[1]] = part
    return cells
