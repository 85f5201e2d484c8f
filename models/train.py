"""Fine-tune the street network: `patrol train`. Needs the extra `torch`."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ultralytics.cfg import get_cfg
from ultralytics.utils.torch_utils import ModelEMA

from models.checkpoint import load_state, save_state
from models.data.dataset import StreetDataset, batches, draw_order
from models.data.merge import merge_sources
from models.data.paste import read_heads
from models.data.pseudo import BaseFiller
from models.data.sources import Recipe, find_in_roots
from models.loss import StreetLoss, as_float32
from models.network import load_network, save_network
from models.progress import Progress

BEST_NAME = "street.safetensors"
CURVES_NAME = "curves.csv"
GRADIENT_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One line of the curves: mean losses of the epoch and what it took."""

    epoch: int
    learning_rate: float
    box_loss: float
    cls_loss: float
    l1_loss: float
    pictures_per_second: float
    seconds: float


@dataclass(slots=True)
class _Training:
    """The parts that change while training."""

    recipe: Recipe
    network: Any
    average: Any
    optimizer: torch.optim.Optimizer
    loss: StreetLoss
    precision: torch.dtype


def train(
    recipe: Recipe,
    roots: tuple[Path, ...],
    run: Path,
    *,
    workers: int = 1,
    threads: int = 0,
    report: Callable[[EpochReport], None] | None = None,
) -> Path:
    """Train to the recipe's last epoch, continuing what lies in `run`, and return the averaged checkpoint.

    Args:
        workers: processes that read and augment pictures.
        threads: of the arithmetic; 0 is torch's own choice. On a machine with other work one thread is faster than
            two, because both wait for the slower one after every layer.

    After each epoch `run` holds the averaged weights (`street.safetensors`, float16), the state to resume from and
    `curves.csv`; a stop at any point loses the current epoch only.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    if threads:
        torch.set_num_threads(threads)
    filler = BaseFiller(find_in_roots(recipe.base, roots), recipe.fill_confidence)
    merged = merge_sources(recipe, roots, run / "set", filler)
    heads = read_heads(find_in_roots(recipe.heads, roots))
    training = _prepare(recipe, find_in_roots(recipe.start, roots))
    progress = load_state(run, recipe.sha256, training.network, training.average.ema, training.optimizer)
    training.average.updates = progress.steps_done
    for epoch in range(progress.epochs_done, recipe.epochs):
        dataset = StreetDataset(merged, recipe, heads, mosaic=epoch < recipe.epochs - recipe.plain_epochs)
        progress, line = _epoch(training, dataset, progress, epoch, workers)
        save_network(training.average.ema, run / BEST_NAME)
        save_state(run, progress, training.network, training.average.ema, training.optimizer)
        _append(run / CURVES_NAME, line)
        if report:
            report(line)
    return run / BEST_NAME


def learning_rate_at(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then a cosine down to a hundredth of the recipe's rate."""
    total = recipe.epochs * steps_per_epoch(recipe)
    warm = min(1.0, (step + 1) / max(recipe.warm_up_steps, 1))
    cosine = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(step / max(total, 1), 1.0)))
    return recipe.learning_rate * warm * cosine


def steps_per_epoch(recipe: Recipe) -> int:
    return recipe.epoch_pictures // recipe.batch


def _prepare(recipe: Recipe, start: Path) -> _Training:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = load_network(start).train().to(device).to(memory_format=torch.channels_last)
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    network.args = get_cfg(overrides={"epochs": recipe.epochs})
    average = ModelEMA(network, decay=recipe.ema_decay, tau=100)
    return _Training(recipe, network, average, _optimizer(network, recipe), StreetLoss(network), torch.bfloat16)


def _optimizer(network: Any, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; biases and normalisation are not decayed."""
    decayed = [each for each in network.parameters() if each.ndim > 1]
    plain = [each for each in network.parameters() if each.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.999))


def _epoch(
    training: _Training, dataset: StreetDataset, progress: Progress, epoch: int, workers: int
) -> tuple[Progress, EpochReport]:
    recipe, begin = training.recipe, time.monotonic()
    weights = np.array([recipe.sources[each].weight for each in dataset.source])
    order = draw_order(weights, epoch * recipe.epoch_pictures, recipe.epoch_pictures, recipe.seed)
    training.loss.at_epoch(epoch)
    step, sums = progress.steps_done, dict.fromkeys(("box_loss", "cls_loss", "l1_loss"), 0.0)
    for batch in batches(dataset, order, recipe, epoch=epoch, workers=workers):
        parts = _step(training, batch, learning_rate_at(recipe, step))
        sums = {name: value + parts[name] for name, value in sums.items()}
        step += 1
    taken, steps = time.monotonic() - begin, step - progress.steps_done
    line = EpochReport(
        epoch=epoch,
        learning_rate=learning_rate_at(recipe, step - 1),
        **{name: value / max(steps, 1) for name, value in sums.items()},
        pictures_per_second=steps * recipe.batch / taken,
        seconds=taken,
    )
    return Progress(recipe.sha256, epoch + 1, step, progress.seconds + taken), line


def _step(training: _Training, batch: dict[str, Any], rate: float) -> dict[str, float]:
    device = next(training.network.parameters()).device
    for group in training.optimizer.param_groups:
        group["lr"] = rate
    pictures = batch["img"].to(device).float().div_(255).contiguous(memory_format=torch.channels_last)
    on_device = {key: value.to(device) for key, value in batch.items() if isinstance(value, torch.Tensor)}
    # bf16 needs no gradient scaling; on a CPU with AVX512-BF16 or AMX it takes 0.6 of float32's time.
    with torch.autocast(device.type, training.precision):
        predictions = training.network(pictures)
    loss, parts = training.loss(as_float32(predictions), on_device)
    training.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(training.network.parameters(), GRADIENT_LIMIT)
    training.optimizer.step()
    training.average.update(training.network)
    return parts


def _append(path: Path, line: EpochReport) -> None:
    row = asdict(line)
    known = path.is_file()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        if not known:
            writer.writeheader()
        writer.writerow(row)
