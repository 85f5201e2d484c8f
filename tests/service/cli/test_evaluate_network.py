"""`patrol evaluate network` as its user meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from models.detections import Detections
from models.errors import BadUse
from models.evaluation.gate import WorseNetwork
from models.evaluation.networks import Candidate, named
from models.manifest import WEIGHTS_FOLDER, read_release
from models.taxonomy import CLASS_ID, STREET_CLASSES
from service.cli import evaluate_network

SETS = """
[[set]]
name = "one"
folder = "v"
labels = { 3 = "car" }
size = 0

[[measure]]
name = "cars"
kind = "mean_ap50"
set = "one"
classes = ["car"]
floor = 0.5
aim = 0.9

[[measure]]
name = "cars held out"
kind = "mean_ap50"
set = ["held-one", "one"]
classes = ["car"]
"""
PICTURES = 12


class Bright:
    """Finds the car in every picture that is at least so bright."""

    model_id = "bright"
    thresholds = np.full(len(STREET_CLASSES), 0.5, np.float32)

    def __init__(self, least: int) -> None:
        self.least = least

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        if picture.mean() < self.least:
            return Detections.empty()
        box = np.array([[16, 16, 48, 48]], np.float32)
        return Detections(box, np.array([0.8], np.float32), np.array([CLASS_ID["car"]], np.int16))


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    evaluate_network.register(app)
    return app


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("images", "labels"):
        (tmp_path / "v" / part).mkdir(parents=True)
    for number in range(PICTURES):
        cv2.imwrite(str(tmp_path / f"v/images/{number:02}.png"), np.full((64, 64, 3), 90 + number, np.uint8))
        (tmp_path / f"v/labels/{number:02}.txt").write_text("3 0.5 0.5 0.5 0.5\n")
    (tmp_path / "sets.toml").write_text(SETS)
    return tmp_path


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> dict[str | None, Bright]:
    """By release name; `None` is the default one."""
    known: dict[str | None, Bright] = {}

    def load(candidate: Candidate, *_: Any) -> Bright:
        return known[candidate.release]

    monkeypatch.setattr(evaluate_network, "load", load)
    return known


def run(app: typer.Typer, root: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["--config", str(root / "sets.toml"), "--data", str(root), *more])


def test_json_holds_a_score_per_set_and_class_and_no_nan(app: typer.Typer, root: Path) -> None:
    result = run(app, root, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["model"] == f"{read_release().stamp}+openvino-f32"
    first = report["scores"][0]
    assert (first["set_name"], first["class_name"], first["truths"], first["recall"]) == ("one", "car", PICTURES, 0.0)
    assert "precision" not in first  # nothing was shown, so there is none
    assert (report["measures"][0]["name"], report["measures"][0]["reached"]) == ("cars", "below")
    assert "NaN" not in result.stdout


def test_tuned_thresholds_and_metrics_go_into_the_manifest(app: typer.Typer, root: Path) -> None:
    weights = root / "weights"
    shutil.copytree(WEIGHTS_FOLDER, weights)
    result = run(app, root, "--tune", "--weights", str(weights))
    assert result.exit_code == 0, result.output
    assert "cars" in result.stdout
    written = (weights / "manifest.toml").read_text()
    assert '"one"' in written
    assert '"cars"' in written
    assert read_release(weights=weights).sha256 == read_release().sha256


def test_out_writes_the_scores_and_a_page(app: typer.Typer, root: Path, networks: dict[str | None, Bright]) -> None:
    networks[None] = Bright(96)
    result = run(app, root, "--out", str(root / "report"))
    assert result.exit_code == 0, result.output
    report = json.loads((root / "report/scores.json").read_text())
    assert report["scores"][0]["recall"] == 0.5
    page = (root / "report/index.html").read_text()
    assert page.count("<img") == 6  # the six misses


def test_a_candidate_that_loses_is_refused_after_its_table(
    app: typer.Typer, root: Path, networks: dict[str | None, Bright]
) -> None:
    networks.update({"worse": Bright(96), "better": Bright(0)})
    refused = run(app, root, "--network", "worse", "--against", "better")
    assert isinstance(refused.exception, WorseNetwork)
    assert refused.exception.exit_code != 0
    assert "car" in refused.exception.message
    assert "loses" in refused.stdout
    passed = run(app, root, "--network", "better", "--against", "worse")
    assert passed.exit_code == 0, passed.output


def test_what_a_training_held_out_gives_thresholds_and_is_measured(
    app: typer.Typer, root: Path, networks: dict[str | None, Bright]
) -> None:
    networks[None] = Bright(0)
    rows = "".join(f"{number:02}.png,one,held\n" for number in range(PICTURES))
    (root / "v/index.csv").write_text(f"picture,source,split\n{rows}")
    result = run(app, root, "--held", str(root / "v"), "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["thresholds"]["car"] != 0.5
    assert report["thresholds"]["bus"] == 0.35  # none was held out
    assert [each["name"] for each in report["measures"]] == ["cars", "cars held out"]
    assert report["measures"][1]["value"] == 0.5  # held pictures are shown at 640 px, where its box is wrong
    assert {each["set_name"] for each in report["scores"]} == {"one"}  # what was learnt next to is no score


def test_a_network_is_a_name_a_folder_of_a_release_or_a_checkpoint(tmp_path: Path) -> None:
    release = read_release()
    assert named(None) == Candidate(None, WEIGHTS_FOLDER)
    assert named("street-v7") == Candidate("street-v7", WEIGHTS_FOLDER)
    assert named(str(release.folder)) == Candidate(release.name, WEIGHTS_FOLDER)
    assert named("a/street.safetensors").checkpoint == Path("a/street.safetensors")
    with pytest.raises(BadUse, match="no release"):
        named(str(tmp_path))


def test_a_checkpoint_cannot_be_tuned_into_the_manifest(app: typer.Typer, root: Path) -> None:
    result = run(app, root, "--network", "a/street.safetensors", "--tune")
    assert isinstance(result.exception, BadUse)


def test_losses_are_those_of_the_float_graph(app: typer.Typer, root: Path) -> None:
    assert isinstance(run(app, root, "--losses", "--precision", "bf16").exception, BadUse)
    result = run(app, root, "--losses", "--json")
    assert result.exit_code == 0, result.output
    names = [each["name"] for each in json.loads(result.stdout.splitlines()[-1])["measures"]]
    assert names[1:] == ["bf16 loss against f32, mean AP50", "int8 loss against f32, mean AP50"]
