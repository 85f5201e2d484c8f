"""Train the lamp state network: `patrol train-lamps`. Minutes on one core. Needs the extra `torch`."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from models.detector import Detector
from models.lamp_state.data import collect_patches
from models.lamp_state.network import LampNetwork, save_lamp_network
from models.lamp_state.recipe import LampRecipe
from models.lamp_state.samples import Samples, draw_samples, held_out_samples
from models.lamp_state.window import NONE

CHECKPOINT: Final = "lamps.safetensors"
CURVES: Final = "curves.csv"
PASSES: Final = 2  # over the samples of an epoch: drawing one costs as much as learning from it twice
WEIGHT_DECAY: Final = 1e-3
SMOOTHING: Final = 0.03
SIZES: Final = (10.0, 18.0, 40.0)  # longer side in pixels of heads at which the held-out patches are read


@dataclass(frozen=True, slots=True)
class LampReport:
    """One line of the curves. Shares are of the held-out samples, in order of `SIZES`.

    Attributes:
        right: of the heads, those read right. as_none: of the heads, those taken for none.
        false_heads: of what is none, that taken for a head.
    """

    epoch: int
    loss: float
    right: tuple[float, ...]
    as_none: tuple[float, ...]
    false_heads: tuple[float, ...]
    seconds: float


def train_lamps(
    recipe: LampRecipe,
    roots: tuple[Path, ...],
    run: Path,
    detector: Detector,
    report: Callable[[LampReport], None] | None = None,
) -> Path:
    """Train from scratch and return the checkpoint; `run` also gets `curves.csv`."""
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(1)  # layers this small only wait for a second thread
    patches = collect_patches(recipe, roots, detector)
    held = [held_out_samples(patches, size, rounds=2) for size in SIZES]
    network = LampNetwork().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=WEIGHT_DECAY)
    lines: list[LampReport] = []
    for epoch in range(recipe.epochs):
        begin = time.monotonic()
        samples = draw_samples(
            patches, recipe.shares, recipe.epoch_samples, np.random.default_rng((recipe.seed, epoch))
        )
        loss = float(
            np.mean([_pass(network, optimizer, recipe, samples, epoch + part / PASSES) for part in range(PASSES)])
        )
        lines.append(_report(network, held, epoch, loss, time.monotonic() - begin))
        _write(run / CURVES, lines)
        save_lamp_network(network, run / CHECKPOINT)
        if report:
            report(lines[-1])
    return run / CHECKPOINT


def read_samples(network: nn.Module, samples: Samples) -> NDArray[np.float32]:
    """(N, states) probabilities of samples."""
    network.eval()
    with torch.inference_mode():
        parts = [network(_pixels(samples.windows[at : at + 512])) for at in range(0, len(samples.state), 512)]
    return np.asarray(torch.cat(parts).softmax(dim=1).numpy(), np.float32)


def _pass(
    network: LampNetwork, optimizer: torch.optim.Optimizer, recipe: LampRecipe, samples: Samples, epoch: float
) -> float:
    network.train()
    steps = len(samples.state) // recipe.batch
    total = 0.0
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = _rate(recipe, epoch + step / steps / PASSES)
        rows = slice(step * recipe.batch, (step + 1) * recipe.batch)
        logits = network(_pixels(samples.windows[rows]))
        loss = cross_entropy(logits, torch.from_numpy(samples.state[rows]), label_smoothing=SMOOTHING)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += float(loss.detach())
    return total / max(steps, 1)


def _rate(recipe: LampRecipe, epoch: float) -> float:
    """A warm-up of half an epoch, then a cosine down to a hundredth."""
    cosine = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * epoch / recipe.epochs))
    return recipe.learning_rate * min(1.0, 2 * epoch + 0.02) * cosine


def _pixels(windows: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(windows).permute(0, 3, 1, 2).float().div_(255)


def _report(network: LampNetwork, held: list[Samples], epoch: int, loss: float, seconds: float) -> LampReport:
    right, as_none, false_heads = zip(*(_measure(network, samples) for samples in held), strict=True)
    return LampReport(epoch, loss, right, as_none, false_heads, seconds)


def _measure(network: LampNetwork, samples: Samples) -> tuple[float, float, float]:
    state, head = read_samples(network, samples).argmax(axis=1), samples.state != NONE
    right = (state == samples.state)[head].mean()
    return float(right), float((state[head] == NONE).mean()), float((state[~head] != NONE).mean())


def _write(path: Path, lines: list[LampReport]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(asdict(lines[0])))
        writer.writeheader()
        writer.writerows(asdict(line) for line in lines)
