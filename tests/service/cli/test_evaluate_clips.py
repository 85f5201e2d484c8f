"""`patrol evaluate clips` as its user meets it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import BadUse
from pipelines.errors import TruthError
from service.cli import evaluate, evaluate_clips
from tests.pipelines.detectors import WhiteSquares
from tests.pipelines.evaluation.label_files import CAMERA, OBJECTS, write_drive, write_labels
from tests.pipelines.logs import make_log, standing
from vision.footage.files import file_sha256
from vision.log_store import write_log


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    evaluate.register(app)
    return app


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_labels(tmp_path / "clips")


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_clips, "load_detector", lambda name: WhiteSquares())


def run(app: typer.Typer, *options: str | Path) -> Result:
    return CliRunner().invoke(app, ["evaluate", "clips", *(str(option) for option in options)], terminal_width=200)


def home_with(folder: Path, videos: list[Path]) -> Path:
    """A scan's home in which each video's log shows litter where the label says it is."""
    for number, video in enumerate(videos):
        log = make_log([standing(1, "litter", 20.0, 0.0)], duration_s=1.9, file_name=video.name)
        boxes = np.tile(np.array([150, 170, 190, 200], np.float32), (len(log.observations.time_s), 1))
        log = replace(log, observations=replace(log.observations, boxes=boxes))
        write_log(log, folder / "logs" / f"{file_sha256(video)}-{number:016x}.obs")
    return folder


@pytest.mark.usefixtures("detector")
def test_clips_are_watched_and_scored(app: typer.Typer, data: Path, tmp_path: Path) -> None:
    for_long = OBJECTS + "15,1.5,0,Car,100,100,140,130,20,2,0,1,0,4,2,0,0.1\n"
    drives = write_drive(tmp_path / "drives", for_long)
    result = run(app, "--data", data, "--drives", drives, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["models"] == [WhiteSquares.model_id]
    litter = next(each for each in found["kinds"] if each["kind"] == "litter")
    assert (litter["recall"]["part"], litter["recall"]["whole"]) == (1, 2)
    assert (litter["precision"]["part"], litter["precision"]["whole"]) == (1, 1)
    assert found["rest"]["unseen"] == 1
    (drive,) = found["drives"]  # without GPS and camera file beside it there is one look only
    assert (drive["drive"], drive["optics"], drive["gps"]) == ("one", "found", False)
    assert drive["rest"]["unseen"] == 1
    assert "NaN" not in result.stdout
    assert json.loads((tmp_path / "out/scores.json").read_text()) == found
    assert (tmp_path / "out/missed-1.png").is_file()


@pytest.mark.usefixtures("detector")
def test_a_drive_with_a_camera_file_is_scored_with_it_too(app: typer.Typer, data: Path, tmp_path: Path) -> None:
    drives = write_drive(tmp_path / "drives", camera=CAMERA)
    result = run(app, "--data", data, "--drives", drives, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])["drives"]
    assert [(each["optics"], each["gps"]) for each in found] == [("found", False), ("file", False)]
    table = run(app, "--data", data, "--drives", drives).stdout
    assert re.search(r"one +file +without", table)


def test_a_broken_camera_file_costs_no_watching(app: typer.Typer, data: Path, tmp_path: Path) -> None:
    drives = write_drive(tmp_path / "drives", camera="{}")
    assert isinstance(run(app, "--data", data, "--drives", drives).exception, TruthError)


def test_the_logs_of_a_scan_are_scored_without_watching(app: typer.Typer, data: Path, tmp_path: Path) -> None:
    home = home_with(tmp_path / "home", sorted(data.glob("*.mp4")))
    result = run(app, "--data", data, "--home", home)
    assert result.exit_code == 0, result.output
    assert "litter" in result.stdout
    assert "windows whose list is complete" in result.stdout


def test_a_clip_that_was_not_scanned_is_named(app: typer.Typer, data: Path, tmp_path: Path) -> None:
    home = home_with(tmp_path / "home", [data / "square.mp4"])
    error = run(app, "--data", data, "--home", home).exception
    assert isinstance(error, TruthError)
    assert "no log of quiet.mp4" in error.message
    assert "patrol scan" in error.advice


def test_labels_that_cannot_be_used_cost_no_watching(
    app: typer.Typer, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_clips, "load_detector", lambda name: pytest.fail("looked before it read"))
    assert isinstance(run(app, "--data", tmp_path).exception, TruthError)
    assert isinstance(run(app, "--data", data, "--drives", data).exception, TruthError)
    assert isinstance(run(app, "--data", data, "--home", tmp_path, "--network", "street-v7").exception, BadUse)
