"""The shipped network through the product's default back end."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.detector import Detector
from models.manifest import read_release
from models.openvino_backend import OpenVinoDetector
from models.precision import cheapest, fastest_precision
from models.store import load_detector


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector(precision="f32")


def test_any_size_is_looked_at_as_it_is(detector: Detector) -> None:
    for height, width in ((384, 640), (100, 33), (65, 64)):
        found = detector.detect(np.full((height, width, 3), 114, np.uint8))
        assert (found.boxes[:, 2] <= width).all()
        assert (found.boxes[:, 3] <= height).all()


def test_padding_changes_no_box(detector: Detector) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (96, 128, 3), np.uint8)
    whole = detector.detect(picture)
    cut = detector.detect(picture[:95, :127])
    assert cut.boxes[:, 2].max(initial=0) <= 127
    assert abs(len(whole) - len(cut)) < 20


def test_model_id_names_network_hash_back_end_and_precision(detector: Detector) -> None:
    assert detector.model_id == f"{read_release().stamp}+openvino-f32"


def test_compiled_shapes_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = read_release()
    one = OpenVinoDetector(release.graph(), name="n", thresholds=release.thresholds, precision="f32")
    monkeypatch.setattr("models.openvino_backend.SHAPES_KEPT", 2)
    for step in (1, 2, 3, 1):
        one.detect(np.zeros((32, 32 * step, 3), np.uint8))
    assert list(one._requests) == [(32, 96), (32, 32)]


def test_the_precision_is_measured_once_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = read_release()
    monkeypatch.setattr("models.precision.measure", lambda _: {"f32": 2.0, "bf16": 1.0})
    assert fastest_precision(release, tmp_path) == "bf16"
    monkeypatch.setattr("models.precision.measure", lambda _: pytest.fail("measured again"))
    assert fastest_precision(release, tmp_path) == "bf16"


def test_a_broken_memory_is_measured_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "precision.json").write_text("{nonsense")
    monkeypatch.setattr("models.precision.measure", lambda _: {"f32": 1.0, "bf16": 2.0})
    assert fastest_precision(read_release(), tmp_path) == "f32"


def test_int8_is_chosen_only_for_a_gain_that_is_worth_its_loss() -> None:
    assert cheapest({"f32": 21.0, "bf16": 12.0, "int8": 11.5}) == "bf16"
    assert cheapest({"f32": 21.0, "bf16": 30.0, "int8": 11.5}) == "int8"


@pytest.mark.shared
def test_people_and_cars_of_a_real_street_are_found(detector: Detector, shared_data: Path) -> None:
    names: set[str] = set()
    for path in sorted((shared_data / "traffic/val/images").glob("cctv_*"))[:3]:
        found = detector.detect(np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1]))
        names |= set(found[found.confidence >= detector.thresholds[found.class_id]].class_names())
    assert {"car", "person"} & names


def test_a_cache_that_cannot_be_written_is_done_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    monkeypatch.setattr("models.openvino_backend.user_cache_path", lambda _: occupied)
    assert len(load_detector(precision="f32").detect(np.zeros((32, 32, 3), np.uint8))) == 0
