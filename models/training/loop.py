"""One epoch of training, picture by picture. Needs the extra `torch`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from ultralytics.cfg import get_cfg
from ultralytics.utils.torch_utils import ModelEMA

from models.data.dataset import StreetDataset, batches
from models.data.sources import Recipe
from models.half_precision import bf16_is_fast
from models.network import load_network
from models.training.checkpoint import load_state, save_state
from models.training.lineage import Lineage
from models.training.loss import StreetLoss, as_float32
from models.training.progress import Progress
from models.training.schedule import Schedule
from models.training.teacher import Teacher, labelled

GRADIENT_LIMIT: Final = 10.0
SAVED_EVERY: Final = 120.0  # seconds: at most this much is lost by a stop


@dataclass(slots=True)
class Training:
    """The parts that change while training, and how its start came to be."""

    schedule: Schedule
    before: Lineage
    network: Any
    average: Any
    optimizer: torch.optim.Optimizer
    loss: StreetLoss
    teacher: Teacher
    device: torch.device

    def save(self, folder: Path, progress: Progress) -> None:
        save_state(folder, progress, self.network, self.average.ema, self.optimizer)

    def load(self, folder: Path) -> Progress:
        """Go on from what lies in `folder`, if anything does."""
        recipe = self.schedule.recipe
        progress = load_state(folder, recipe.sha256, self.network, self.average.ema, self.optimizer)
        self.average.updates = progress.steps_done
        return progress


def prepare(schedule: Schedule, start: Path, before: Lineage, base: Path) -> Training:
    """A network with the weights of `start`, its running average, optimizer and teacher, on the GPU if there is one.

    Args:
        before: the lineage of `start`. base: checkpoint of the teacher.
    """
    recipe = schedule.recipe
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = load_network(start).train().to(device).to(memory_format=torch.channels_last)
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    for layer in network.model[: recipe.frozen_layers]:
        layer.eval().requires_grad_(False)  # its running means of the pictures stay as well
    network.args = get_cfg()
    average = ModelEMA(network, decay=recipe.ema_decay, tau=100)
    teacher = Teacher(base, recipe.unsure_confidence, device)
    optimizer = _optimizer(network, recipe)
    return Training(schedule, before, network, average, optimizer, StreetLoss(network), teacher, device)


def run_epoch(
    training: Training,
    dataset: StreetDataset,
    progress: Progress,
    folder: Path,
    *,
    plain: bool,
    workers: int,
    tick: Callable[[float], None] | None = None,
) -> Progress:
    """Train until the epoch is over, saving the state to `folder` now and then; `tick` gets the share done (0..1)."""
    schedule, recipe = training.schedule, training.schedule.recipe
    count = (schedule.steps_per_epoch() - progress.epoch_steps) * recipe.batch
    loader = batches(dataset, recipe, first=progress.steps_done * recipe.batch, count=count, workers=workers)
    clock, saved = _stopwatch(progress), time.monotonic()
    losses = torch.zeros(len(progress.losses))
    before, losses = progress.losses, losses.to(training.device)
    for batch in loader:
        losses += _step(training, batch, progress)
        progress = replace(clock(), steps_done=progress.steps_done + 1, epoch_steps=progress.epoch_steps + 1)
        if tick:
            tick(schedule.share(progress))
        due, over = time.monotonic() - saved > SAVED_EVERY, schedule.epoch_over(progress, plain=plain)
        if due or over:
            progress = replace(progress, losses=tuple(a + b for a, b in zip(before, losses.tolist(), strict=True)))
        if over:
            break
        if due:
            training.save(folder, progress)
            saved = time.monotonic()
    return progress


def _stopwatch(progress: Progress) -> Callable[[], Progress]:
    """Gives `progress` with the time that has passed since added to it."""
    begin = time.monotonic()

    def clock() -> Progress:
        passed = time.monotonic() - begin
        return replace(progress, seconds=progress.seconds + passed, epoch_seconds=progress.epoch_seconds + passed)

    return clock


def _optimizer(network: Any, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; biases and normalisation are not decayed."""
    taught = [each for each in network.parameters() if each.requires_grad]
    decayed = [each for each in taught if each.ndim > 1]
    plain = [each for each in taught if each.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.999), fused=True)


def _step(training: Training, batch: dict[str, Any], progress: Progress) -> torch.Tensor:
    """Learn from one batch and return its losses."""
    device = training.device
    for group in training.optimizer.param_groups:
        group["lr"] = training.schedule.learning_rate(progress)
    on_device = {
        key: value.to(device, non_blocking=True) for key, value in batch.items() if isinstance(value, torch.Tensor)
    }
    pictures = on_device["img"].float().div_(255).contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16, enabled=bf16_is_fast(device)):  # bf16 needs no gradient scaling
        predictions = training.network(pictures)
    lesson = training.teacher(pictures, labelled(on_device), on_device["taught"])
    loss, parts = training.loss(as_float32(predictions), lesson, on_device["known"])
    training.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(training.network.parameters(), GRADIENT_LIMIT)
    training.optimizer.step()
    training.average.update(training.network)
    return parts
