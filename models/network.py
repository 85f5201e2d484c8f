"""The street network in torch: how it is built, read and written. Needs the extra `torch`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from models.errors import WeightsError
from models.taxonomy import STREET_CLASSES

ARCHITECTURE = "yolo26n.yaml"
LICENCE = "AGPL-3.0-or-later"
# The classification branch is as wide as min(classes, 100): built for fewer classes than the COCO base it would not
# take the base's weights. So it is built for 80 and only the last convolutions are replaced.
BASE_CLASSES = 80


def build_network(classes: tuple[str, ...] = STREET_CLASSES) -> Any:
    """An untrained `ultralytics` DetectionModel with one output row per class."""
    from ultralytics.nn.tasks import DetectionModel

    network = DetectionModel(ARCHITECTURE, ch=3, nc=BASE_CLASSES, verbose=False)
    head = network.model[-1]
    for branch in (head.cv3, head.one2one_cv3):
        for level in branch:
            level[2] = nn.Conv2d(level[2].in_channels, len(classes), 1)
    head.nc = len(classes)
    head.no = head.nc + 4 * head.reg_max
    network.nc = head.nc
    network.yaml["nc"] = head.nc
    network.names = dict(enumerate(classes))
    return network


def load_network(path: Path, classes: tuple[str, ...] = STREET_CLASSES) -> Any:
    """A float32 network with the weights of a safetensors checkpoint, in evaluation mode.

    Raises:
        WeightsError: the file is missing or its tensors are not those of the street network.
    """
    if not path.is_file():
        raise WeightsError(f"no checkpoint at {path}", advice="give the path of a .safetensors file")
    about = read_about(path)
    if "classes" in about and json.loads(about["classes"]) != list(classes):
        raise WeightsError(f"{path.name} knows other classes", advice=f"expected {', '.join(classes)}")
    network = build_network(classes)
    tensors = {name: value.float() if value.is_floating_point() else value for name, value in load_file(path).items()}
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    # Counters of batch normalisation are not weights; exporters leave them out.
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise WeightsError(f"{path.name} is not a street network: {(missing + unexpected)[0]} does not fit")
    return network.eval()


def save_network(network: nn.Module, path: Path, about: dict[str, str] | None = None) -> str:
    """Write the weights as float16 safetensors and return the file's sha256.

    Args:
        about: where they come from; the file's JSON header carries it beside the architecture, classes and licence.
    """
    tensors = {
        name: value.detach().to(torch.float16).contiguous().cpu()
        for name, value in network.state_dict().items()
        if value.is_floating_point()
    }
    metadata = {"architecture": ARCHITECTURE, "licence": LICENCE} | (about or {})
    if names := getattr(network, "names", {}):
        metadata["classes"] = json.dumps(list(names.values()))
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata=metadata)
    partial.replace(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_about(path: Path) -> dict[str, str]:
    """What a checkpoint says about itself; empty for one that was not written by `save_network`."""
    with safe_open(path, framework="pt") as stream:
        return dict(stream.metadata() or {})


def deployable(path: Path, classes: tuple[str, ...] = STREET_CLASSES) -> Any:
    """The network of a checkpoint as it ships: normalisation folded in, pictures of any size, every anchor given.

    It takes (1, 3, H, W) float RGB in 0..1 and gives (1, anchors, 4 + classes) of the one-to-one head.
    """
    network = load_network(path, classes)
    head = network.model[-1]
    head.export, head.dynamic, head.end2end, head.xyxy = True, True, True, True
    head.postprocess = every_row  # rows above the floor are chosen outside of the graph
    network.fuse(verbose=False)
    return network


def every_row(rows: torch.Tensor) -> torch.Tensor:
    """In place of the head's own choice of 300 rows: all anchors are given."""
    return rows
