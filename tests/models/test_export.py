"""The exported graph sees what the float network sees."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.errors import BadUse  # noqa: E402
from models.export import export_network, release_entry  # noqa: E402
from models.manifest import read_release  # noqa: E402
from models.manifest_write import update_network  # noqa: E402
from models.network import build_network, save_network  # noqa: E402
from models.quantize import calibration_pictures  # noqa: E402
from models.store import load_detector  # noqa: E402

CONFIG = Path(__file__).parents[2] / "models/config/street_v0.toml"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a random network whose classification is lifted so that it sees things."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(1)
    network = build_network()
    for level in network.model[-1].one2one_cv3:
        level[2].bias.data.fill_(0.0)
    save_network(network, folder / "trained.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exported = export_network(folder / "trained.safetensors", folder / "net")
    update_network(folder, "net", release_entry(exported, folder / "trained.safetensors", (CONFIG,)), default=True)
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
    text = (weights / "manifest.toml").read_text()
    assert "config_sha256" in text
    assert "CC BY 4.0" in text
    assert set(read_release(weights=weights).sha256) == {"street.xml", "street.bin", "street.safetensors"}


def test_calibration_takes_an_even_share_of_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.quantize.CALIBRATION_PICTURES", 4)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for index in range(6):
            (tmp_path / folder / f"{index}.jpg").touch()
    chosen = calibration_pictures((tmp_path / "a", tmp_path / "b"))
    assert len(chosen) == 4
    assert {path.parent.name for path in chosen} == {"a", "b"}


def test_calibration_without_pictures_is_bad_use(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="no pictures to calibrate"):
        calibration_pictures((tmp_path,))
