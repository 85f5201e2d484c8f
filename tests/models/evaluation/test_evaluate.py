"""A detector is measured on the classes that a set labels, at the size it is used with."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.detections import Detections
from models.errors import BadUse
from models.evaluation.evaluate import DEFAULT_THRESHOLD, by_class, choose_thresholds, look_at, scored, scores
from models.evaluation.sets import EvaluationSet, held_sets, labelled_pictures, picture_of, read_evaluation
from models.taxonomy import CLASS_ID, STREET_CLASSES
from tests.models.seen import boxes, seen

CAR, LITTER, PLATE = CLASS_ID["car"], CLASS_ID["litter"], CLASS_ID["licence_plate"]
CONFIG = Path(__file__).parents[3] / "models/config/evaluate_v1.toml"


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
    rows = scores(by_class([look_at(detector, source, (root,))]), detector.thresholds)
    every = next(row for row in rows if row.bucket is None)
    assert detector.shapes == [(100, 200, 3)] * 3
    assert (every.class_name, every.pictures, every.truths) == ("car", 3, 2)
    assert every.recall == 0.5
    assert every.precision == pytest.approx(1 / 3)
    assert every.false_per_picture == pytest.approx(2 / 3)


def test_classes_that_a_set_does_not_label_are_not_scored(root: Path) -> None:
    results = by_class([look_at(Fixed(), EvaluationSet("v", "v", ((3, CAR),)), (root,))])
    assert [each.class_id for each in results] == [CAR]


def test_size_buckets_are_in_pixels_as_the_network_sees_them(root: Path) -> None:
    detector = Fixed()
    looked = look_at(detector, EvaluationSet("v", "v", ((3, CAR),), size=0), (root,))
    rows = scores(by_class([looked]), detector.thresholds)
    by_bucket = {row.bucket: row for row in rows if row.bucket}
    assert by_bucket[(48.0, 96.0)].recall == 1.0  # 50 px at native size
    assert by_bucket[(0.0, 12.0)].recall == 0.0  # 10 px


def test_thresholds_are_not_chosen_on_sets_kept_for_evaluation(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.evaluation.evaluate.LEAST_TRUTHS", 1)
    kept = EvaluationSet("v", "v", ((3, CAR),), tuning=False)
    assert choose_thresholds(by_class([look_at(Fixed(), kept, (root,))]))[CAR] == pytest.approx(DEFAULT_THRESHOLD)
    tuned = EvaluationSet("v", "v", ((3, CAR),))
    assert choose_thresholds(by_class([look_at(Fixed(), tuned, (root,))]))[CAR] != pytest.approx(DEFAULT_THRESHOLD)


def test_a_few_boxes_do_not_choose_a_threshold(root: Path) -> None:
    tuned = EvaluationSet("v", "v", ((3, CAR),))
    assert choose_thresholds(by_class([look_at(Fixed(), tuned, (root,))]))[CAR] == pytest.approx(DEFAULT_THRESHOLD)


def test_the_shipped_sets_are_read_and_the_dashcam_set_is_not_for_tuning() -> None:
    sets = {each.name: each for each in read_evaluation(CONFIG)}
    assert not sets["lights-dashcam"].tuning
    assert sets["lights-dashcam"].size == 0


def test_no_measure_or_threshold_of_the_shipped_configuration_is_fitted_on_what_is_kept_for_evaluation() -> None:
    assert {each.name for each in read_evaluation(CONFIG) if not each.tuning} == {
        "lights-dashcam",
        "lights-dashcam-close",
        "lights-crops",
    }


def test_a_litter_threshold_prefers_precision_and_a_plate_threshold_recall() -> None:
    """The same detections under three classes: each hit surer than 0.6 is right, of the weaker ones every second."""
    confidence = np.linspace(0.95, 0.11, 60)
    right = (confidence > 0.6) | (np.arange(60) % 2 == 0)

    def picture(class_id: int) -> tuple[Detections, Detections]:
        found = [(20.0 * n, 0.0, 20.0 * n + 10, 10.0, class_id, float(sure)) for n, sure in enumerate(confidence)]
        return boxes(*found), boxes(*(found[n] for n in np.flatnonzero(right)))

    pairs = [picture(each) for each in (LITTER, CAR, PLATE)]
    chosen = choose_thresholds(by_class([seen("s", [found], [truths]) for found, truths in pairs]))
    assert chosen[LITTER] > chosen[CAR] > chosen[PLATE]


def test_held_pictures_of_a_training_become_one_tuning_set_per_source(root: Path) -> None:
    rows = "picture,source,split\na.png,one,held\nb.png,one,train\nc.png,two,held\n"
    (root / "v/index.csv").write_text(rows)
    first, second = held_sets(root / "v")
    assert (first.name, first.match, first.class_ids()) == ("held-one", ("a.png",), [CAR])
    assert second.class_ids() == []
    assert [each.path.name for each in labelled_pictures(first, (root,))] == ["a.png"]


def test_a_training_that_held_nothing_out_cannot_choose_thresholds(root: Path) -> None:
    (root / "v/index.csv").write_text("picture,source\na.png,one\n")
    with pytest.raises(BadUse, match="no picture back"):
        held_sets(root / "v")
    with pytest.raises(BadUse, match="no merged"):
        held_sets(root)


def test_a_cut_out_head_is_shown_on_plain_grey_and_its_box_is_the_whole_head(tmp_path: Path) -> None:
    (tmp_path / "crops/red").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "crops/red/a.png"), np.full((96, 40, 3), 255, np.uint8))
    source = EvaluationSet("c", "crops", crops=(("red", CLASS_ID["light_red"]),))
    (one,) = labelled_pictures(source, (tmp_path,))
    assert one.picture.shape == (160, 160, 3)
    assert one.truths.boxes.tolist() == [[70, 56, 90, 104]]
    assert (one.picture[56:104, 70:90] == 255).all()
    assert (one.picture != 114).all(axis=2).sum() == 20 * 48
    assert one.truths.class_id.tolist() == [CLASS_ID["light_red"]]
    assert np.array_equal(picture_of(source, one.path), one.picture)


def test_classes_taken_together_still_hit_only_their_own() -> None:
    one = seen(
        "s",
        [boxes((0, 0, 10, 10, 6, 0.9), (20, 0, 30, 10, 7, 0.8))],
        [boxes((0, 0, 10, 10, 7, 1), (20, 0, 30, 10, 7, 1))],
    )
    together = scored(one, frozenset({6, 7}))
    assert together.confidence.tolist() == pytest.approx([0.9, 0.8])
    assert (together.truth[0] >= 0).tolist() == [False, True]


def test_a_set_that_is_not_there_is_bad_use(root: Path) -> None:
    with pytest.raises(BadUse, match="no picture"):
        look_at(Fixed(), EvaluationSet("v", "v", ((3, CAR),), match=("x*",)), (root,))
