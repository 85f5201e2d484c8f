"""The curves of a training survive its stops."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.data.sources import Recipe
from models.taxonomy import CLASS_ID, STREET_CLASSES
from models.training.curves import CurvePoint, add_point, draw_curves, read_rows
from models.training.held import HeldScore
from models.training.progress import Progress
from models.training.schedule import Schedule

SCHEDULE = Schedule(Recipe("s", "b", "h", (), epochs=4, epoch_pictures=160, batch=16))


def point(epoch: int, box: float = 1.0, held: HeldScore | None = None) -> CurvePoint:
    progress = Progress("", epoch, 10 * epoch + 10, 5.0, 10, 5.0, (10 * box, 20.0, 0.5))
    return CurvePoint.of(progress, SCHEDULE, held)


def test_a_point_holds_means_and_pace() -> None:
    each = point(1)
    assert (each.box_loss, each.cls_loss, each.l1_loss) == (1.0, 2.0, 0.05)
    assert each.pictures_per_second == 32.0
    assert each.share == 0.5


def test_an_epoch_that_is_done_again_replaces_its_line_and_what_came_after(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    for epoch, box in ((0, 3.0), (1, 2.0), (2, 9.0), (1, 1.5)):
        add_point(path, point(epoch, box))
    assert [(row["epoch"], row["box_loss"]) for row in read_rows(path)] == [("0", "3"), ("1", "1.5")]


def test_classes_without_held_boxes_have_no_value_and_no_say(tmp_path: Path) -> None:
    ap50 = [math.nan] * len(STREET_CLASSES)
    ap50[CLASS_ID["car"]], ap50[CLASS_ID["litter"]] = 0.8, 0.4
    path = tmp_path / "curves.csv"
    add_point(path, point(0))
    add_point(path, point(1, held=HeldScore(tuple(ap50))))
    first, second = read_rows(path)
    assert first["ap50_mean"] == ""
    assert (second["ap50_car"], second["ap50_person"], second["ap50_mean"]) == ("0.8", "", "0.6")
    assert draw_curves(path).stat().st_size > 10_000
