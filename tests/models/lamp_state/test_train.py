"""Patches, samples and a training of a few steps, from made-up streets; nothing of it is third-party media."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

from models.detections import Detections
from models.errors import BadUse
from models.lamp_state.data import Patches, collect_patches, is_held_out
from models.lamp_state.detector import LampStateReader
from models.lamp_state.export import export_lamps, lamp_entry
from models.lamp_state.network import load_lamp_network
from models.lamp_state.recipe import LampRecipe, LampSource, read_lamp_recipe
from models.lamp_state.samples import draw_samples, held_out_samples
from models.lamp_state.train import CURVES, train_lamps
from models.lamp_state.window import NONE, SIDE, STATES
from models.manifest import read_release
from models.manifest_write import update_lamp_states, update_network

LAMPS = {"red": (0, (40, 30, 230)), "yellow": (1, (30, 190, 240)), "green": (2, (120, 220, 60))}  # BGR
CONFIG = Path(__file__).resolve().parents[3] / "models/config/lamp_state_v1.toml"


class NoLights:
    """A detector that takes one corner for a light."""

    model_id = "corner@0"
    thresholds = np.zeros(14, np.float32)

    def detect(self, picture: np.ndarray) -> Detections:
        return Detections(np.array([[2, 2, 12, 27]], np.float32), np.array([0.3], np.float32), np.array([6], np.int16))


def head(colour: str, tall: int = 48) -> np.ndarray:
    """A dark housing with one lit lamp, BGR."""
    place, lit = LAMPS[colour]
    picture = np.full((tall, tall // 2, 3), 40, np.uint8)
    for index in range(3):
        centre = (tall // 4, round(tall * (index + 0.5) / 3))
        cv2.circle(picture, centre, tall // 9, lit if index == place else (60, 60, 60), -1)
    return picture


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for part in ("scenes/images", "scenes/labels", "streets/images", *(f"crops/{colour}" for colour in LAMPS)):
        (root / part).mkdir(parents=True)
    for index in range(15):
        street = random.integers(90, 160, (120, 160, 3)).astype(np.uint8)
        cv2.imwrite(str(root / f"streets/images/street_{index}.png"), street)
        colour = list(LAMPS)[index % 3]
        cv2.imwrite(str(root / f"crops/{colour}/crop_{index}.png"), head(colour))
        street[20:68, 60:84] = head(colour)
        cv2.imwrite(str(root / f"scenes/images/cinta_{index * 30}.png"), street)
        label = f"{index % 3} {72 / 160} {44 / 120} {24 / 160} {48 / 120}\n"
        (root / f"scenes/labels/cinta_{index * 30}.txt").write_text(label)
    return root


@pytest.fixture(scope="module")
def recipe() -> LampRecipe:
    return LampRecipe(
        heads=(LampSource("scenes", "ours", ("*",), ((0, 6), (1, 7), (2, 8))),),
        crops=(LampSource("crops", "ours", ("*",)),),
        streets=(LampSource("streets", "ours", ("*",)),),
        shares=(0.2,) * 5,
        epochs=2,
        epoch_samples=64,
        batch=16,
    )


@pytest.fixture(scope="module")
def patches(recipe: LampRecipe, data: Path) -> Patches:
    return collect_patches(recipe, (data,), NoLights())


def test_the_shipped_configuration_is_read() -> None:
    recipe = read_lamp_recipe(CONFIG)
    assert len(recipe.shares) == len(STATES)
    assert not [each for each in (*recipe.heads, *recipe.crops, *recipe.streets) if "val" in each.folder]


def test_a_configuration_with_an_unknown_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(CONFIG.read_text("utf-8").replace("epochs", "rounds"), "utf-8")
    with pytest.raises(BadUse, match="rounds"):
        read_lamp_recipe(path)


def test_neighbours_in_a_numbered_series_are_held_out_together() -> None:
    assert len({is_held_out(f"cinta__traffic-light--{number}-_jpg_0") for number in range(30, 60)}) == 1
    assert is_held_out("s2tld_sh__000855_jpg") == is_held_out("s2tld_sh__000856_jpg_0")
    assert len({is_held_out(f"cinta_{30 * group}") for group in range(60)}) == 2


def test_every_state_has_patches_and_what_the_detector_mistakes_is_none(patches: Patches) -> None:
    assert {each.state for each in patches.train} == set(range(len(STATES)))
    none = [each for each in patches.train if each.state == NONE]
    assert any(np.allclose(each.box[2:] - each.box[:2], (10, 25)) for each in none)


def test_made_patches_change_the_lamps_and_nothing_around(patches: Patches) -> None:
    dark = [each for each in patches.train if each.state == STATES.index("off")]
    assert dark
    assert all(each.made for each in dark)
    for patch in dark:
        left, top, right, bottom = patch.box.astype(int)
        inside = patch.picture[top:bottom, left:right].astype(int)
        assert (inside.max(axis=2) - inside.min(axis=2)).max() < 60
    around = next(each for each in dark if not each.bare)
    assert around.picture[0].std() > 5


def test_samples_hold_the_head_in_the_middle(patches: Patches) -> None:
    samples = draw_samples(patches, (0.2,) * 5, 50, np.random.default_rng(0))
    assert samples.windows.shape == (50, SIDE, SIDE, 3)
    assert set(samples.state.tolist()) == set(range(len(STATES)))


def test_the_same_seed_draws_the_same_samples(patches: Patches) -> None:
    one, two = (draw_samples(patches, (0.2,) * 5, 20, np.random.default_rng(3)) for _ in range(2))
    assert (one.windows == two.windows).all()


def test_training_learns_exports_and_is_released(
    recipe: LampRecipe, data: Path, patches: Patches, tmp_path: Path
) -> None:
    lines: list[float] = []
    checkpoint = train_lamps(recipe, (data,), tmp_path / "run", NoLights(), lambda line: lines.append(line.loss))
    assert lines[1] < lines[0]
    assert (tmp_path / "run" / CURVES).read_text().count("\n") == 3
    files = export_lamps(checkpoint, tmp_path / "weights" / "lamp")
    samples = held_out_samples(patches, 30.0, 1)
    graph = LampStateReader(tmp_path / "weights" / "lamp" / "lamps.xml").read(samples.windows)
    import torch

    with torch.inference_mode():
        pixels = torch.from_numpy(samples.windows).permute(0, 3, 1, 2).float() / 255
        reference = load_lamp_network(checkpoint)(pixels).softmax(dim=1).numpy()
    assert np.abs(graph - reference).max() < 0.02
    update_network(tmp_path / "weights", "street", {"files": {}, "lamp_state": "lamp"}, default=True)
    update_lamp_states(tmp_path / "weights", "lamp", lamp_entry(files, Path("c.toml"), recipe, NoLights()))
    release = read_release(weights=tmp_path / "weights")
    assert release.lamps is not None
    assert release.lamps.graph().is_file()
    assert release.stamp.endswith(release.lamps.stamp)
