"""A detector is measured on the classes that a set labels, at the size it is used with."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.detections import Detections
from models.errors import BadUse
from models.evaluate import (
    DEFAULT_THRESHOLD,
    EvaluationSet,
    choose_thresholds,
    look_at,
    read_evaluation,
    scores,
)
from models.taxonomy import CLASS_ID, STREET_CLASSES

CAR, LITTER = CLASS_ID["car"], CLASS_ID["litter"]
CONFIG = Path(__file__).parents[2] / "models/config/evaluate_v0.toml"


class Fixed:
    """Sees one car in the middle half of every picture, and one litter that nobody labelled."""

    model_id = "fixed"
    thresholds = np.full(len(STREET_CLASSES), 0.5, np.float32)

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        self.shapes.append(picture.shape)
        height, width = picture.shape[:2]
        box = np.array([0.25 * width, 0.25 * height, 0.75 * width, 0.75 * height], np.float32)
        return Detections(np.stack([box, box]), np.array([0.8, 0.7], np.float32), np.array([CAR, LITTER], np.int16))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("images", "labels"):
        (tmp_path / "v" / part).mkdir(parents=True)
    for name, label in (("a", "3 0.5 0.5 0.5 0.5\n"), ("b", "3 0.2 0.2 0.1 0.1\n"), ("c", "")):
        cv2.imwrite(str(tmp_path / "v/images" / f"{name}.png"), np.zeros((50, 100, 3), np.uint8))
        (tmp_path / "v/labels" / f"{name}.txt").write_text(label)
    return tmp_path


def test_hits_misses_and_false_detections_are_counted(root: Path) -> None:
    detector = Fixed()
    source = EvaluationSet("v", "v", ((3, CAR),), size=200)
    rows = scores(look_at(detector, source, (root,)), detector.thresholds)
    every = next(row for row in rows if row.bucket is None)
    assert detector.shapes == [(100, 200, 3)] * 3
    assert (every.class_name, every.pictures, every.truths) == ("car", 3, 2)
    assert every.recall == 0.5
    assert every.precision == pytest.approx(1 / 3)
    assert every.false_per_picture == pytest.approx(2 / 3)


def test_classes_that_a_set_does_not_label_are_not_scored(root: Path) -> None:
    results = look_at(Fixed(), EvaluationSet("v", "v", ((3, CAR),)), (root,))
    assert [each.class_id for each in results] == [CAR]


def test_size_buckets_are_in_pixels_as_the_network_sees_them(root: Path) -> None:
    detector = Fixed()
    rows = scores(look_at(detector, EvaluationSet("v", "v", ((3, CAR),), size=0), (root,)), detector.thresholds)
    by_bucket = {row.bucket: row for row in rows if row.bucket}
    assert by_bucket[(48.0, 96.0)].recall == 1.0  # 50 px at native size
    assert by_bucket[(0.0, 12.0)].recall == 0.0  # 10 px


def test_thresholds_are_not_chosen_on_sets_kept_for_evaluation(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.evaluate.LEAST_TRUTHS", 1)
    kept = EvaluationSet("v", "v", ((3, CAR),), tuning=False)
    assert choose_thresholds(look_at(Fixed(), kept, (root,)))[CAR] == pytest.approx(DEFAULT_THRESHOLD)
    tuned = EvaluationSet("v", "v", ((3, CAR),))
    assert choose_thresholds(look_at(Fixed(), tuned, (root,)))[CAR] != pytest.approx(DEFAULT_THRESHOLD)


def test_a_few_boxes_do_not_choose_a_threshold(root: Path) -> None:
    tuned = EvaluationSet("v", "v", ((3, CAR),))
    assert choose_thresholds(look_at(Fixed(), tuned, (root,)))[CAR] == pytest.approx(DEFAULT_THRESHOLD)


def test_the_shipped_sets_are_read_and_the_dashcam_set_is_not_for_tuning() -> None:
    sets = {each.name: each for each in read_evaluation(CONFIG)}
    assert not sets["lights-dashcam"].tuning
    assert sets["lights-dashcam"].size == 0


def test_a_set_that_is_not_there_is_bad_use(root: Path) -> None:
    with pytest.raises(BadUse, match="no picture"):
        look_at(Fixed(), EvaluationSet("v", "v", ((3, CAR),), match=("x*",)), (root,))
