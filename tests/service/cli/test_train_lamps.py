"""`patrol train-lamps` as its user meets it: what it releases, and for whom."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from models.errors import BadUse
from models.manifest import LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME, read_release
from models.manifest_write import update_network
from service.cli import train_lamps

pytest.importorskip("torch")

CONFIG = Path(__file__).resolve().parents[3] / "models/config/lamp_state_v1.toml"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    def no_training(recipe: Any, roots: Any, run: Path, detector: Any, report: Any) -> Path:
        return run / "lamps.safetensors"

    def no_export(checkpoint: Path, folder: Path) -> dict[str, str]:
        return {LAMP_GRAPH_NAME: "aa", LAMP_WEIGHTS_NAME: "bb"}

    monkeypatch.setattr("models.lamp_state.train.train_lamps", no_training)
    monkeypatch.setattr("models.lamp_state.export.export_lamps", no_export)
    detector = SimpleNamespace(model_id="street-v9@ab")
    monkeypatch.setattr("service.cli.train_lamps.load_detector", lambda **_: detector)
    app = typer.Typer()
    train_lamps.register(app)
    return app


def arguments(weights: Path, config: Path = CONFIG) -> list[str]:
    options = {"--config": config, "--data": weights, "--run": weights / "run", "--weights": weights, "--name": "eyes"}
    return [str(part) for pair in options.items() for part in pair]


def test_only_the_networks_that_are_named_use_it(app: typer.Typer, tmp_path: Path) -> None:
    for name in ("one", "two"):
        update_network(tmp_path, name, {"files": {}})
    result = CliRunner().invoke(app, [*arguments(tmp_path), "--network", "two"])
    assert result.exit_code == 0, result.output
    assert read_release("one", tmp_path).lamps is None
    lamps = read_release("two", tmp_path).lamps
    assert lamps is not None
    assert lamps.stamp == "eyes@bb"


def test_the_manifest_says_what_it_was_made_from(app: typer.Typer, tmp_path: Path) -> None:
    CliRunner().invoke(app, arguments(tmp_path))
    entry = tomllib.loads((tmp_path / "manifest.toml").read_text("utf-8"))["lamp_states"]["eyes"]
    assert entry["training"]["config"] == CONFIG.name
    assert entry["training"]["detector"] == "street-v9@ab"  # the default network, whichever that is
    assert {each["folder"] for each in entry["data"]} >= {"lights/crops/train", "lights/scenes/train"}
    assert all(each["licence"] for each in entry["data"])


def test_a_missing_configuration_is_bad_use(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, arguments(tmp_path, tmp_path / "none.toml"))
    assert isinstance(result.exception, BadUse)
