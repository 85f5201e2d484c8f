from pathlib import Path

import cv2
import numpy as np
import pytest

from models.taxonomy import STREET_CLASSES
from pipelines.simulate.lens import Film, Look, develop
from pipelines.simulate.training_frames import render_training_frames

pytest.importorskip("panda3d")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    render_training_frames(folder, 4, seed=11)
    return folder


def test_every_picture_has_its_labels_inside_it(rendered: Path) -> None:
    pictures = sorted((rendered / "images").glob("*.jpg"))
    assert len(pictures) == 4
    classes = set()
    for path in pictures:
        picture = cv2.imread(str(path))
        assert picture.shape[1] == 640
        lines = (rendered / "labels" / f"{path.stem}.txt").read_text().splitlines()
        rows = np.array([[float(part) for part in line.split()] for line in lines]).reshape(-1, 5)
        classes |= set(rows[:, 0].astype(int))
        assert (rows[:, 1:3] - rows[:, 3:] / 2 > -1e-4).all()
        assert (rows[:, 1:3] + rows[:, 3:] / 2 < 1 + 1e-4).all()
    assert classes <= set(range(len(STREET_CLASSES)))
    assert len(classes) >= 3


def test_the_same_seed_gives_the_same_street_and_another_does_not(rendered: Path, tmp_path: Path) -> None:
    render_training_frames(tmp_path / "same", 1, seed=11)
    render_training_frames(tmp_path / "other", 1, seed=12)
    first = (rendered / "labels" / "rendered_11_00000.txt").read_text()
    assert (tmp_path / "same" / "labels" / "rendered_11_00000.txt").read_text() == first
    assert (tmp_path / "other" / "labels" / "rendered_12_00000.txt").read_text() != first


def test_noise_and_blur_leave_the_mean_alone() -> None:
    grey = np.full((90, 160, 3), 120, np.uint8)
    rng = np.random.default_rng(1)
    assert develop(grey, Look(haze=0.0, noise=5.0), rng).mean() == pytest.approx(120, abs=1)
    exposed = Film(160, 90, rng, noise=3.0).expose(grey)
    assert exposed.mean() == pytest.approx(120, abs=1)
    assert exposed.std() == pytest.approx(3.0, rel=0.2)


def test_bloom_spills_from_lamps_and_not_from_white_walls() -> None:
    look = Look(haze=0.0, noise=0.0, blur=0.0, bloom=0.8)
    lamp, wall = np.zeros((60, 60, 3), np.uint8), np.zeros((60, 60, 3), np.uint8)
    lamp[26:34, 26:34] = (255, 20, 20)
    wall[26:34, 26:34] = (255, 255, 255)
    rng = np.random.default_rng(1)
    assert develop(lamp, look, rng)[30, 36, 0] > 10
    assert develop(wall, look, rng)[30, 36, 0] == 0
