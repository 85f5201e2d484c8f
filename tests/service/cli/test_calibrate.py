"""`patrol calibrate` as its user meets it: the table that it writes is one that a site file takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import BadUse
from pipelines.site import load_site
from service.cli import calibrate
from tests.pipelines.detectors import WhiteSquaresSource
from tests.pipelines.tiny_videos import write_square_video
from vision.camera.given_optics import GivenOptics
from vision.camera.pinhole import default_camera
from vision.lens import Lens
from vision.log import GroundCamera

FISHEYE = Lens("fisheye", (0.03, -0.01), 540.0, 0.007)
CAMERA = GroundCamera(905.5, 961.0, 512.0, 1.345, ("calibrated",), FISHEYE, 0.06, 0.01)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr(calibrate, "ReleasedDetector", lambda name: WhiteSquaresSource(f"{name}@0"))
    app = typer.Typer()
    app.callback()(lambda: None)
    calibrate.register(app)
    return app


def written(folder: Path, table: str) -> GivenOptics:
    """The optics in a site file with this table."""
    path = folder / "site.toml"
    path.write_text(f'[site]\nname = "s"\n\n{table}', encoding="utf-8")
    (camera,) = load_site(path).cameras
    assert camera.mounting == "moving"
    return camera.optics


@pytest.mark.parametrize("camera", [CAMERA, replace(CAMERA, lens=None)])
def test_what_is_written_is_read_back(tmp_path: Path, camera: GroundCamera) -> None:
    found = written(tmp_path, calibrate.camera_toml(camera, 'car 7 "front"', ["a.mp4"]))
    assert found.complete
    assert found.focal_px == camera.focal_px
    assert found.pitch_std == pytest.approx(camera.pitch_std, rel=0.01)
    assert (found.lens is None) == (camera.lens is None)
    if camera.lens is not None and found.lens is not None:
        assert found.lens.distortion == camera.lens.distortion
        assert found.lens.roll_rad == pytest.approx(camera.lens.roll_rad, abs=1e-4)


def test_a_drive_that_shows_nothing_leaves_what_is_likely_and_says_so(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "mounting_of", lambda *_: "moving")
    video = write_square_video(tmp_path / "clip.mp4")
    result = CliRunner().invoke(app, ["calibrate", str(video), "--out", str(tmp_path / "camera.toml")])
    assert result.exit_code == 0, result.output
    assert "default" in result.output
    assert "no turn shows the lens" in result.output
    found = written(tmp_path, (tmp_path / "camera.toml").read_text(encoding="utf-8"))
    size = calibrate.probe(video)
    assert found.focal_px == pytest.approx(default_camera(size.width, size.height, "moving").focal_px, abs=0.1)
    assert found.scale_std > 0.2


@pytest.mark.parametrize(("out", "told"), [("nowhere/camera.toml", "there is no folder"), (".", "a folder")])
def test_where_nothing_can_be_written_nothing_is_watched(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, told: str
) -> None:
    monkeypatch.setattr(calibrate, "perceive", lambda *_: pytest.fail("watched"))
    video = write_square_video(tmp_path / "clip.mp4", 0.5)
    result = CliRunner().invoke(app, ["calibrate", str(video), "--out", str(tmp_path / out)])
    assert isinstance(result.exception, BadUse)
    assert told in str(result.exception)


def test_a_file_that_is_not_there_is_bad_use(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["calibrate", str(tmp_path / "nofile.mp4")])
    assert isinstance(result.exception, BadUse)
    assert "nofile.mp4: no such file" in str(result.exception)


def test_a_camera_that_stands_is_refused(app: typer.Typer, tmp_path: Path) -> None:
    video = write_square_video(tmp_path / "clip.mp4")
    result = CliRunner().invoke(app, ["calibrate", str(video)])
    assert isinstance(result.exception, BadUse)
    assert "does not drive" in str(result.exception)
