"""The street network in torch: how it is built, read and written. Needs the extra `torch`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from models.errors import BadUse, WeightsError
from models.file_hash import sha256_of
from models.taxonomy import STREET_CLASSES

ARCHITECTURE = "yolo26n.yaml"
# YOLO26 has two heads: one that is taught many anchors a thing (one-to-many) and one that is taught a single anchor
# (one-to-one) and sends nothing back into the network. On our sets the first one finds more for the same cost, so it
# is the only one kept; overlapping boxes of it are suppressed by `models.decode`.
UNUSED_HEAD = ("one2one_cv2", "one2one_cv3")
LICENCE = "AGPL-3.0-or-later"
# The classification branch is as wide as min(classes, 100): built for fewer classes than the COCO base it would not
# take the base's weights. So it is built for 80 and only the last convolutions are replaced.
BASE_CLASSES = 80


def build_network(classes: tuple[str, ...] = STREET_CLASSES) -> Any:
    """An untrained `ultralytics` DetectionModel with its one-to-many head only, one output row per class."""
    from ultralytics.nn.tasks import DetectionModel

    network = DetectionModel(ARCHITECTURE, ch=3, nc=BASE_CLASSES, verbose=False)
    head = network.model[-1]
    for name in UNUSED_HEAD:
        delattr(head, name)
    for level in head.cv3:
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
    tensors = {
        name: value.float() if value.is_floating_point() else value
        for name, value in load_file(path).items()
        if not any(part in UNUSED_HEAD for part in name.split("."))
    }
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
    return sha256_of(path)


def read_about(path: Path) -> dict[str, str]:
    """What a checkpoint says about itself; empty for one that was not written by `save_network`.

    Raises:
        BadUse: it is missing, or no checkpoint.
    """
    try:
        with safe_open(path, framework="pt") as stream:
            return dict(stream.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise BadUse(f"{path} cannot be read: {error}", advice="give a checkpoint (.safetensors)") from error


class Rows(nn.Module):  # type: ignore[misc]
    """The network as it is asked for detections: (N, 3, H, W) float RGB in 0..1 -> (N, anchors, 4 + classes).

    A row is x1 y1 x2 y2 in pixels of the picture and one score in 0..1 per class; H and W are multiples of 32.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.network.model[-1].xyxy = True

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        found = self.network(pictures)
        columns: torch.Tensor = found[0] if isinstance(found, tuple) else found  # beside them, the raw maps
        return columns.transpose(1, 2)


def deployable(path: Path, classes: tuple[str, ...] = STREET_CLASSES) -> Rows:
    """The network of a checkpoint as it ships: normalisation folded in, pictures of any size."""
    network = load_network(path, classes)
    head = network.model[-1]
    head.export, head.dynamic = True, True
    network.fuse(verbose=False)
    rows = Rows(network)
    rows.eval()
    return rows
