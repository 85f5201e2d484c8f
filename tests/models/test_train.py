"""Training: what the loss is silent about, what is drawn, and that a stopped training goes on."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.checkpoint import load_state, save_state  # noqa: E402
from models.data.dataset import draw_order  # noqa: E402
from models.data.pseudo import COCO_CLASSES  # noqa: E402
from models.data.sources import Recipe, Source  # noqa: E402
from models.errors import BadUse, WeightsError  # noqa: E402
from models.loss import KnownClassBce  # noqa: E402
from models.network import build_network, load_network, save_network  # noqa: E402
from models.progress import Progress  # noqa: E402
from models.taxonomy import CLASS_ID, STREET_CLASSES  # noqa: E402
from models.train import CURVES_NAME, learning_rate_at, steps_per_epoch, train  # noqa: E402

RECIPE = Recipe(start="start.safetensors", base="base.safetensors", heads="heads", sources=())


def test_the_loss_is_silent_about_unknown_classes_but_not_about_their_boxes() -> None:
    loss = KnownClassBce()
    loss.known = torch.tensor([[1.0, 0.0]])
    targets = torch.tensor([[[0.0, 0.0], [0.0, 0.7]]])
    values = loss(torch.zeros(1, 2, 2), targets)
    assert values[0, 0, 0] > 0  # known and absent
    assert values[0, 0, 1] == 0  # unknown, no box
    assert values[0, 1, 1] > 0  # a box counts always


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.5]), min_size=1, max_size=8), st.integers(0, 40), st.integers(1, 30))
def test_a_resumed_stream_of_pictures_continues_the_same_one(weights: list[float], start: int, count: int) -> None:
    array = np.array(weights)
    if array.max() < 1.0:
        return
    whole = draw_order(array, 0, start + count, seed=3)
    assert draw_order(array, start, count, seed=3) == whole[start:]
    assert not {index for index in whole if array[index] == 0}


def test_a_pass_draws_a_picture_as_often_as_it_weighs() -> None:
    order = draw_order(np.array([1.0, 3.0]), 0, 400, seed=0)
    assert order.count(0) == 100
    assert order.count(1) == 300


def test_the_rate_warms_up_and_falls_to_a_hundredth() -> None:
    recipe = replace(RECIPE, epochs=4, epoch_pictures=1600, batch=16, warm_up_steps=50, learning_rate=1.0)
    rates = [learning_rate_at(recipe, step) for step in range(4 * steps_per_epoch(recipe))]
    assert rates[0] < 0.05
    assert max(rates) == pytest.approx(1.0, abs=0.05)
    assert rates[-1] == pytest.approx(0.01, abs=0.005)
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[50:]))


def test_a_network_is_read_as_it_was_written(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build_network().eval()
    digest = save_network(network, tmp_path / "n.safetensors")
    assert len(digest) == 64
    again = load_network(tmp_path / "n.safetensors")
    for (name, one), (_, other) in zip(network.named_parameters(), again.named_parameters(), strict=True):
        assert torch.equal(one.half(), other.half()), name


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_network(torch.nn.Linear(2, 2), tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="is not a street network"):
        load_network(tmp_path / "other.safetensors")


def test_state_of_another_configuration_is_refused(tmp_path: Path) -> None:
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    save_state(tmp_path, Progress("one", 3), layer, layer, optimizer)
    assert load_state(tmp_path, "one", layer, layer, optimizer).epochs_done == 3
    with pytest.raises(BadUse, match="another configuration"):
        load_state(tmp_path, "two", layer, layer, optimizer)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four pictures of a white square called a car, heads, and two random networks."""
    random = np.random.default_rng(0)
    for colour in ("red", "yellow", "green"):
        (tmp_path / "heads" / colour).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "heads" / colour / "a.png"), random.integers(0, 255, (12, 5, 3), np.uint8))
    for part in ("images", "labels"):
        (tmp_path / "d" / part).mkdir(parents=True)
    for index in range(4):
        picture = random.integers(0, 60, (48, 64, 3), np.uint8)
        picture[12:36, 16:48] = 255
        cv2.imwrite(str(tmp_path / "d/images" / f"{index}.png"), picture)
        (tmp_path / "d/labels" / f"{index}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    torch.manual_seed(0)
    save_network(build_network(), tmp_path / "start.safetensors")
    save_network(build_network(COCO_CLASSES), tmp_path / "base.safetensors")
    return tmp_path


def test_a_stopped_training_goes_on_where_it_was(root: Path) -> None:
    source = Source("s", "d", "ours", labels=((0, CLASS_ID["car"]),), paste=0.5)
    recipe = replace(
        RECIPE, sources=(source,), size=64, batch=2, epochs=2, epoch_pictures=4, plain_epochs=1, warm_up_steps=1
    )
    stopped: list[int] = []

    def stop(line: object) -> None:
        stopped.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, (root,), root / "run", workers=0, report=stop)
    epochs: list[int] = []
    checkpoint = train(recipe, (root,), root / "run", workers=0, report=lambda line: epochs.append(line.epoch))
    assert epochs == [1]
    assert load_network(checkpoint).nc == len(STREET_CLASSES)
    assert len((root / "run" / CURVES_NAME).read_text().splitlines()) == 3
    assert train(recipe, (root,), root / "run", workers=0) == checkpoint  # finished: nothing is left to do
