"""From a trained lamp state network to what ships. Needs the extra `torch`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openvino as ov
import torch
from openvino.preprocess import PrePostProcessor

from models.detector import Detector
from models.file_hash import sha256_of
from models.lamp_state.network import load_lamp_network, save_lamp_network
from models.lamp_state.recipe import LampRecipe
from models.lamp_state.window import SIDE, STATES
from models.manifest import LAMP_CHECKPOINT_NAME, LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME


def export_lamps(checkpoint: Path, folder: Path) -> dict[str, str]:
    """Write the graph (fp16) and the float16 checkpoint into `folder`; file name -> sha256.

    The graph takes (N, SIDE, SIDE, 3) uint8 RGB and gives (N, states) probabilities.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = load_lamp_network(checkpoint)
    save_lamp_network(network, folder / LAMP_CHECKPOINT_NAME)
    example = torch.zeros(2, 3, SIDE, SIDE)
    graph = ov.convert_model(
        torch.nn.Sequential(network, torch.nn.Softmax(dim=1)), example_input=example, input=[-1, 3, SIDE, SIDE]
    )
    steps = PrePostProcessor(graph)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
    ov.save_model(steps.build(), folder / LAMP_GRAPH_NAME, compress_to_fp16=True)
    names = (LAMP_GRAPH_NAME, LAMP_WEIGHTS_NAME, LAMP_CHECKPOINT_NAME)
    return {name: sha256_of(folder / name) for name in names}


def lamp_entry(sha256: dict[str, str], config: Path, recipe: LampRecipe, detector: Detector) -> dict[str, Any]:
    """The manifest's tables about where a lamp state network comes from; `detector` showed it what is no head."""
    sources = (*recipe.heads, *recipe.crops, *recipe.streets)
    return {
        "states": list(STATES),
        "created": datetime.now(UTC).strftime("%Y-%m-%d"),
        "licence": "AGPL-3.0-or-later",
        "files": sha256,
        "training": {
            "config": config.name,
            "config_sha256": recipe.sha256,
            "detector": detector.model_id,
            "samples_seen": recipe.epochs * recipe.epoch_samples,
        },
        "data": [{"folder": each.folder, "match": list(each.match), "licence": each.licence} for each in sources],
    }
