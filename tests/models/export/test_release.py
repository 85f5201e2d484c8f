"""The exported graph sees what the float network sees."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.detections import Detections  # noqa: E402
from models.errors import BadUse, MissingExtra, WeightsError  # noqa: E402
from models.evaluation.sets import EvaluationSet, Labelled  # noqa: E402
from models.export.onnx_graph import export_onnx  # noqa: E402
from models.export.quantize import HeldItem, calibration_pictures, mean_ap50  # noqa: E402
from models.export.release import export_network, release_entry  # noqa: E402
from models.export.tensorrt_engine import SHAPES, export_engine  # noqa: E402
from models.manifest import read_manifest, read_release  # noqa: E402
from models.manifest_write import update_network  # noqa: E402
from models.network import build_network, deployable, read_about, save_network  # noqa: E402
from models.store import load_detector  # noqa: E402
from models.taxonomy import CLASS_ID, STREET_CLASSES  # noqa: E402
from models.training.lineage import DataSource, Lineage, TrainingStep, lineage_from, lineage_of  # noqa: E402

LINEAGE = Lineage(
    (TrainingStep("a.toml", "abc", "patrol train", "start.safetensors", 320, 7),), (DataSource("a", "a/train", "CC0"),)
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a random network whose classification is lifted so that it sees things."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(1)
    network = build_network()
    for level in network.model[-1].cv3:
        level[2].bias.data.fill_(0.0)
    save_network(network, folder / "trained.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exported = export_network(folder / "trained.safetensors", folder / "net", lineage=LINEAGE)
    update_network(folder, "net", release_entry(exported, LINEAGE), default=True)
    return folder


@pytest.mark.parametrize("size", [(64, 96), (96, 160), (50, 70)])
def test_graph_and_float_network_agree_at_sizes_that_were_not_traced(weights: Path, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    graph = load_detector(precision="f32", weights=weights).detect(picture)
    reference = load_detector(backend="torch", weights=weights).detect(picture)
    assert len(graph) > 5
    assert len(graph) == len(reference)
    assert np.sort(graph.confidence) == pytest.approx(np.sort(reference.confidence), abs=2e-3)
    assert graph.boxes.mean(0) == pytest.approx(reference.boxes.mean(0), abs=0.5)


def test_the_manifest_entry_says_where_the_network_comes_from(weights: Path) -> None:
    assert lineage_from(read_manifest(weights)["networks"]["net"]) == LINEAGE
    assert set(read_release(weights=weights).sha256) == {"street.xml", "street.bin", "street.safetensors"}


def test_calibration_takes_an_even_share_of_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.export.quantize.CALIBRATION_PICTURES", 4)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for index in range(6):
            (tmp_path / folder / f"{index}.jpg").touch()
    chosen = calibration_pictures((tmp_path / "a", tmp_path / "b"))
    assert len(chosen) == 4
    assert {path.parent.name for path in chosen} == {"a", "b"}


def test_int8_is_judged_by_the_ap50_of_what_a_compiled_graph_gives() -> None:
    """Five pictures with one car each, of which a graph finds those whose first pixel is white."""
    source = EvaluationSet("s", "f", labels=((0, CLASS_ID["car"]),))
    box = np.array([[10, 10, 40, 40]], np.float32)
    truth = Detections(box, np.ones(1, np.float32), np.array([CLASS_ID["car"]], np.int16))
    pictures = [np.full((50, 64, 3), 255 if index < 3 else 0, np.uint8) for index in range(5)]
    items = [HeldItem(source, Labelled(Path(str(index)), each, truth)) for index, each in enumerate(pictures)]

    def compiled(canvas: np.ndarray) -> list[np.ndarray]:
        assert canvas.shape == (1, 64, 64, 3)
        row = np.zeros((1, 1, 4 + len(STREET_CLASSES)), np.float32)
        row[0, 0, :4], row[0, 0, 4 + CLASS_ID["car"]] = box[0], canvas[0, 0, 0, 0] / 255
        return [row]

    assert mean_ap50(compiled, items) == pytest.approx(0.6, abs=0.01)
    assert mean_ap50(compiled, items[:0]) == 0.0


def test_calibration_without_pictures_is_bad_use(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="no pictures to calibrate"):
        calibration_pictures((tmp_path,))


def test_the_checkpoint_says_what_it_is_also_after_the_export(weights: Path) -> None:
    about = read_about(weights / "net/street.safetensors")
    assert lineage_of(weights / "net/street.safetensors") == LINEAGE
    assert about["licence"] == "AGPL-3.0-or-later"
    assert json.loads(about["classes"]) == list(STREET_CLASSES)


def test_a_checkpoint_of_other_classes_is_refused(weights: Path, tmp_path: Path) -> None:
    network = build_network(STREET_CLASSES[::-1])
    save_network(network, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="other classes"):
        deployable(tmp_path / "other.safetensors")


@pytest.mark.parametrize(("half", "pixels", "score"), [(False, 0.01, 1e-5), (True, 1.0, 0.02)])
def test_the_onnx_graph_agrees_at_sizes_that_were_not_traced(
    weights: Path, tmp_path: Path, half: bool, pixels: float, score: float
) -> None:
    pytest.importorskip("onnx")
    import openvino as ov

    export_onnx(weights / "trained.safetensors", tmp_path / "street.onnx", half=half)
    graph = ov.Core().compile_model(str(tmp_path / "street.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    picture = np.random.default_rng(0).integers(0, 255, (1, 96, 160, 3), np.uint8)
    with torch.inference_mode():
        rows = deployable(weights / "trained.safetensors")(torch.from_numpy(picture).permute(0, 3, 1, 2) / 255).numpy()
    found = graph(picture)[0]
    assert found[..., :4] == pytest.approx(rows[..., :4], abs=pixels)
    assert found[..., 4:] == pytest.approx(rows[..., 4:], abs=score)


def test_without_onnx_or_tensorrt_the_error_says_what_to_install(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(MissingExtra, match=r"street-patrol\[onnx"):
        export_onnx(weights / "trained.safetensors", tmp_path / "street.onnx")
    with pytest.raises(MissingExtra, match=r"street-patrol\[tensorrt"):
        export_engine(weights / "trained.safetensors", tmp_path / "street.engine")


def test_an_engine_is_built_on_a_gpu_only(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", SimpleNamespace())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BadUse, match="no NVIDIA GPU"):
        export_engine(weights / "trained.safetensors", tmp_path / "street.engine")


def test_an_engine_takes_every_size_that_is_looked_at() -> None:
    least, usual, most = SHAPES
    assert all(side % 32 == 0 for shape in SHAPES for side in shape[1:3])
    assert all(a <= b <= c for a, b, c in zip(least, usual, most, strict=True))
    assert usual == (1, 384, 640, 3)
