"""`patrol evaluate` as its user meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from models.manifest import WEIGHTS_FOLDER, read_release
from service.cli import evaluate

SETS = '[[set]]\nname = "one"\nfolder = "v"\nlabels = { 3 = "car" }\nsize = 0\n'


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    evaluate.register(app)
    return app


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("images", "labels"):
        (tmp_path / "v" / part).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "v/images/a.png"), np.full((64, 64, 3), 90, np.uint8))
    (tmp_path / "v/labels/a.txt").write_text("3 0.5 0.5 0.5 0.5\n")
    (tmp_path / "sets.toml").write_text(SETS)
    return tmp_path


def test_json_holds_a_score_per_set_and_class_and_no_nan(app: typer.Typer, root: Path) -> None:
    arguments = ["--config", str(root / "sets.toml"), "--data", str(root), "--precision", "f32", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["model"].startswith(read_release().stamp)
    first = report["scores"][0]
    assert (first["set_name"], first["class_name"], first["truths"], first["recall"]) == ("one", "car", 1, 0.0)
    assert "precision" not in first  # nothing was shown, so there is none
    assert "NaN" not in result.stdout


def test_tuned_thresholds_and_metrics_go_into_the_manifest(app: typer.Typer, root: Path) -> None:
    weights = root / "weights"
    shutil.copytree(WEIGHTS_FOLDER, weights)
    arguments = ["--config", str(root / "sets.toml"), "--data", str(root), "--precision", "f32", "--tune"]
    result = CliRunner().invoke(app, [*arguments, "--weights", str(weights)])
    assert result.exit_code == 0, result.output
    assert "car" in result.stdout
    assert '"one"' in (weights / "manifest.toml").read_text()
    assert read_release(weights=weights).sha256 == read_release().sha256
