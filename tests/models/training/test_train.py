"""Training: what the loss is silent about, what is drawn, and that a stopped training goes on."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

import models.training.loop  # noqa: E402
from models.data.dataset import draw_order  # noqa: E402
from models.data.sources import Recipe, Source  # noqa: E402
from models.errors import BadUse, WeightsError  # noqa: E402
from models.network import build_network, load_network, save_network  # noqa: E402
from models.taxonomy import CLASS_ID, STREET_CLASSES  # noqa: E402
from models.training.checkpoint import load_state, save_state  # noqa: E402
from models.training.curves import CurvePoint  # noqa: E402
from models.training.lineage import lineage_of  # noqa: E402
from models.training.loss import KnownClassBce  # noqa: E402
from models.training.progress import Progress  # noqa: E402
from models.training.teacher import COCO_CLASSES  # noqa: E402
from models.training.train import BEST_NAME, CURVES_NAME, train  # noqa: E402

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


def tiny(**changes: object) -> Recipe:
    source = Source("s", "d", "ours", labels=((0, CLASS_ID["car"]),), paste=0.5)
    fields = {"sources": (source,), "size": 64, "batch": 2, "epochs": 2, "epoch_pictures": 4, "plain_epochs": 1}
    return replace(RECIPE, **(fields | {"warm_up_steps": 1} | changes))


def test_a_stopped_training_goes_on_where_it_was(root: Path) -> None:
    def stop(point: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tiny(), (root,), root / "run", workers=0, report=stop)
    epochs: list[int] = []
    checkpoint = train(tiny(), (root,), root / "run", workers=0, report=lambda point: epochs.append(point.epoch))
    assert epochs == [1]
    (step,) = lineage_of(checkpoint).training
    assert (step.start, step.pictures_seen) == ("start.safetensors", 8)
    assert load_network(checkpoint).nc == len(STREET_CLASSES)
    assert len((root / "run" / CURVES_NAME).read_text().splitlines()) == 3
    assert train(tiny(), (root,), root / "run", workers=0) == checkpoint  # finished: nothing is left to do


@contextmanager
def steps_noted(path: Path, stop_after: int = 99) -> Iterator[None]:
    """Every training step writes a line about its pictures; the process kills itself instead of one step too many."""
    step, seen = models.training.loop._step, itertools.count()

    def spy(training: Any, batch: dict[str, Any], progress: Progress) -> Any:
        if next(seen) == stop_after:
            os.kill(os.getpid(), signal.SIGKILL)
        with path.open("a") as stream:
            stream.write(f"{progress.steps_done} {batch['img'].long().sum()} {batch['bboxes'].sum():.6f}\n")
        return step(training, batch, progress)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.training.loop, "_step", spy)
        patch.setattr(models.training.loop, "SAVED_EVERY", 0.0)
        yield


def eight_steps(root: Path, *, workers: int = 0, stop_after: int = 99) -> list[str]:
    """Two epochs, the second without mosaics; the pictures of all steps that any run in `root` made."""
    with steps_noted(root / "steps.txt", stop_after):
        train(tiny(epoch_pictures=8), (root,), root / "run", workers=workers)
    return (root / "steps.txt").read_text().splitlines()


def test_a_killed_training_sees_the_same_pictures_in_the_same_order(root: Path, tmp_path_factory: Any) -> None:
    whole = tmp_path_factory.mktemp("whole")
    shutil.copytree(root, whole, dirs_exist_ok=True)
    unbroken = eight_steps(whole)
    assert [line.split()[0] for line in unbroken] == [str(step) for step in range(8)]
    assert len(set(unbroken)) == 8
    # Killed inside the second epoch, and gone on with another number of workers.
    call = f"eight_steps(Path({str(root)!r}), workers=2, stop_after=6)"
    command = [sys.executable, "-c", f"from pathlib import Path; from {__name__} import eight_steps; {call}"]
    killed = subprocess.run(command, cwd=Path(__file__).parents[3], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len((root / "steps.txt").read_text().splitlines()) == 6
    assert eight_steps(root) == unbroken
    assert len((root / "run" / CURVES_NAME).read_text().splitlines()) == 3


def test_a_budget_of_time_ends_the_training_at_a_low_rate(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: 0.05 * next(ticks))  # the machine's own may stand still for seconds
    monkeypatch.setattr("models.training.loop.time", clock)
    points: list[CurvePoint] = []
    recipe = tiny(epochs=4, epoch_pictures=2000, plain_epochs=1)
    train(recipe, (root,), root / "run", minutes=0.05, workers=0, report=points.append)
    assert [point.share >= 0.75 for point in points] == [True, True]  # one with mosaics, cut short; one plain
    assert points[-1].share == 1.0
    assert points[-1].learning_rate < 0.02 * recipe.learning_rate
    assert sum(point.seconds for point in points) == pytest.approx(3.0, abs=0.3)


def test_the_best_weights_on_held_pictures_are_kept_and_patience_ends_the_training(root: Path) -> None:
    points: list[CurvePoint] = []
    recipe = tiny(epochs=9, held_share=0.5, held_every=1, patience=2, learning_rate=0.0)
    train(recipe, (root,), root / "run", workers=0, report=points.append)
    assert len(points) == 3  # nothing is learnt: the first measure stays the best
    assert all(point.held for point in points)
    assert (root / "run" / BEST_NAME).is_file()
    assert (root / "run/curves.png").is_file()
