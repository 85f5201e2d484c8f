"""`patrol inspect` as its user meets it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import BadUse, PatrolError
from service.cli import inspect
from tests.pipelines.detectors import WhiteSquaresSource
from tests.pipelines.logs import make_log, standing
from tests.pipelines.tiny_videos import write_square_video
from vision.errors import LogError, VideoError
from vision.footage.files import file_sha256
from vision.log_store import write_log


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    inspect.register(app)
    return app


@pytest.fixture(autouse=True)
def _detector(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(inspect, "ReleasedDetector", lambda name: WhiteSquaresSource(f"{name}@0"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_square_video(tmp_path / "videos" / "clip.mp4")


@pytest.fixture
def log(tmp_path: Path, video: Path) -> Path:
    """The folder of a log of the video, in a scan's home."""
    made = make_log([standing(1, "litter", 20.0, 0.0)], duration_s=1.9, file_name=video.name)
    file = replace(made.meta.files[0], sha256=file_sha256(video))
    folder = tmp_path / "home" / "logs" / f"{file.sha256}-{0:016x}.obs"
    write_log(replace(made, meta=replace(made.meta, files=(file,))), folder)
    return folder


def run(app: typer.Typer, *options: str | Path) -> Result:
    words = ["inspect", *(str(option) for option in options)]
    return CliRunner().invoke(app, words, terminal_width=200, env={"PATROL_HOME": "home"})


def failure(result: Result) -> PatrolError:
    assert isinstance(result.exception, PatrolError), result.output
    return result.exception


def test_a_video_that_was_scanned_is_drawn_from_its_log(app: typer.Typer, video: Path, log: Path) -> None:
    result = run(app, video)
    assert result.exit_code == 0, result.output
    assert "clip.png: 12 pictures from 0.00 to 1.88 s" in result.stdout
    assert log.name in result.stdout
    assert "(new)" not in result.stdout
    assert cv2.imread("clip.png") is not None


def test_a_video_without_a_log_is_watched_once(app: typer.Typer, video: Path) -> None:
    first = run(app, video, "--out", "a.png", "--no-blur")
    assert "not blurred" in first.stdout, first.output
    assert "log (new): home/logs/" in first.stdout
    assert "log: home/logs/" in run(app, video, "--out", "b.png", "--no-blur").stdout
    assert "log (new)" in run(app, video, "--network", "other", "--out", "c.png", "--no-blur").stdout
    assert cv2.imread("a.png").shape == cv2.imread("b.png").shape


def test_a_log_finds_the_video_it_names(app: typer.Typer, video: Path, log: Path, tmp_path: Path) -> None:
    assert "clip.mp4, which is not here" in str(failure(run(app, log)))
    assert run(app, log, "--video", video, "--out", "a.mp4", "--to", "0.5").stdout.startswith("a.mp4: 6 frames")
    shutil.copy(video, tmp_path / "clip.mp4")
    assert run(app, log / "tracks.parquet", "--every", "1").stdout.startswith("clip.png: 2 pictures")
    other = write_square_video(tmp_path / "other.mp4", shade=60)
    assert "not the video of this log" in str(failure(run(app, log, "--video", other)))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("missing.mp4",), "no such file"),
        (("videos",), "is no observation log"),
        (("videos/clip.mp4", "--out", "film.avi"), "neither a PNG nor an MP4"),
        (("videos/clip.mp4", "--out", "nowhere/a.png"), "no folder nowhere"),
        (("videos/clip.mp4", "--from", "2", "--to", "1"), "not before"),
        (("videos/clip.mp4", "--from", "60"), "runs from 0.00 to 1.88 s"),
        (("videos/clip.mp4", "--out", "a.mp4", "--every", "1"), "every frame"),
        (("videos/clip.mp4", "--video", "videos/clip.mp4"), "--video is for a log"),
    ],
)
@pytest.mark.usefixtures("log")
def test_bad_use_is_an_error_of_ours(app: typer.Typer, words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    error = failure(run(app, *words))
    assert (type(error), error.exit_code) == (BadUse, 2)
    assert told in error.message
    assert not list(tmp_path.glob("*.png"))


def test_a_log_that_is_given_is_not_made_with_a_network(app: typer.Typer, log: Path) -> None:
    assert isinstance(failure(run(app, log, "--network", "street-v7")), BadUse)


def test_broken_files_are_told_by_their_own_errors(app: typer.Typer, log: Path, tmp_path: Path) -> None:
    (log / "tracks.parquet").write_bytes(b"no table")
    assert isinstance(failure(run(app, log)), LogError)
    (tmp_path / "note.mp4").write_text("no video")
    assert isinstance(failure(run(app, "note.mp4")), VideoError)
