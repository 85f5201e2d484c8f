"""What a training writes now and then so that it can be stopped at any time: safetensors and JSON, no pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from models.errors import BadUse
from models.training.progress import PROGRESS_NAME, Progress, progress_from

STATE_NAME: Final = "state.safetensors"


def save_state(
    folder: Path, progress: Progress, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Write everything a resume needs as one file that names the progress it belongs to."""
    tensors: dict[str, torch.Tensor] = {}
    for prefix, module in (("network", network), ("average", average)):
        tensors |= {f"{prefix}.{name}": value for name, value in module.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
    contiguous = {name: value.detach().contiguous().cpu().clone() for name, value in tensors.items()}
    partial = folder / "state.partial"
    save_file(contiguous, partial, metadata={"progress": json.dumps(asdict(progress))})
    partial.replace(folder / STATE_NAME)
    partial.write_text(json.dumps(asdict(progress), indent=1) + "\n", "utf-8")
    partial.replace(folder / PROGRESS_NAME)


def load_state(
    folder: Path, recipe: str, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> Progress:
    """Continue from the last step saved in `folder`, or start at 0.

    Raises:
        BadUse: the state belongs to another configuration.
    """
    path = folder / STATE_NAME
    if not path.is_file():
        return Progress(recipe)
    progress = _progress_in(path)
    if progress.recipe != recipe:
        raise BadUse(f"{folder} holds a training of another configuration", advice="give another --run folder")
    tensors = load_file(path)
    network.load_state_dict(_under("network.", tensors))
    average.load_state_dict(_under("average.", tensors))
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _under("optimizer.", tensors).items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return progress


def _progress_in(path: Path) -> Progress:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as stream:
        return progress_from(stream.metadata()["progress"])


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
