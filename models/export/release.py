"""From a float checkpoint to what ships: an OpenVINO graph that takes uint8 RGB pictures of any size."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.decode import STRIDE
from models.errors import BadUse
from models.export.onnx_graph import ONNX_NAME, TRACE_SIZE, export_onnx
from models.export.quantize import quantize_graph
from models.file_hash import sha256_of
from models.manifest import CHECKPOINT_NAME, GRAPH_NAME, INT8_NAME, WEIGHTS_NAME
from models.taxonomy import STREET_CLASSES
from models.training.lineage import LINEAGE_KEY, Lineage, lineage_of


@dataclass(frozen=True, slots=True)
class Exported:
    """Files of one released network and their sha256 (hex)."""

    folder: Path
    sha256: dict[str, str]


def export_network(
    checkpoint: Path,
    folder: Path,
    calibrate: tuple[Path, ...] = (),
    classes: tuple[str, ...] = STREET_CLASSES,
    *,
    held: Path | None = None,
    onnx: bool = False,
    lineage: Lineage | None = None,
) -> Exported:
    """Write `street.xml`, `street.bin` (fp16) and `street.safetensors` into `folder`.

    With folders of pictures to `calibrate` on, also `street-int8.xml` and its `.bin`, which loses little on the
    pictures that the merged training set `held` holds out; with `onnx`, `street.onnx`. The written checkpoint carries
    `lineage`, for the trainings that start from it; without one, what it carries already.

    The graph takes (1, H, W, 3) uint8 RGB with H and W multiples of 32, and gives (1, anchors, 4 + classes):
    x1 y1 x2 y2 in pixels of its input and one score per class, overlaps not suppressed (`models.decode` does that).
    """
    import openvino as ov
    import torch

    from models.network import deployable, load_network, read_about, save_network

    folder.mkdir(parents=True, exist_ok=True)
    about = read_about(checkpoint) | ({LINEAGE_KEY: json.dumps(lineage.tables())} if lineage else {})
    save_network(load_network(checkpoint, classes), folder / CHECKPOINT_NAME, about)
    network, example = deployable(checkpoint, classes), torch.zeros(1, 3, *TRACE_SIZE)
    graph = ov.convert_model(network, example_input=example, input=[1, 3, -1, -1])
    ov.save_model(_with_picture_input(graph), folder / GRAPH_NAME, compress_to_fp16=True)
    names = [GRAPH_NAME, WEIGHTS_NAME, CHECKPOINT_NAME]
    if calibrate:
        quantize_graph(folder / GRAPH_NAME, folder / INT8_NAME, calibrate, held)
        names += [INT8_NAME, Path(INT8_NAME).with_suffix(".bin").name]
    if onnx:
        export_onnx(checkpoint, folder / ONNX_NAME, classes)
        names.append(ONNX_NAME)
    return Exported(folder, {name: sha256_of(folder / name) for name in names})


def trained_lineage(checkpoint: Path) -> Lineage:
    """How a checkpoint came to be.

    Raises:
        BadUse: it cannot be read, or does not say.
    """
    lineage = lineage_of(checkpoint)
    if not lineage.training:
        raise BadUse(f"{checkpoint} does not say how it was trained", advice="give one that `patrol train` wrote")
    return lineage


def release_entry(exported: Exported, lineage: Lineage) -> dict[str, Any]:
    """The manifest's tables about where a network comes from: files, input, trainings, data and licences."""
    return {
        "created": datetime.now(UTC).strftime("%Y-%m-%d"),
        "licence": "AGPL-3.0-or-later",
        "input": {"colours": "RGB", "type": "uint8", "multiple_of": STRIDE, "sizes": [[640, 384], [640, 640]]},
        "files": exported.sha256,
        **lineage.tables(),
    }


def _with_picture_input(graph: object) -> object:
    """Put the conversion from uint8 pictures to network input into the graph itself."""
    import openvino as ov
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(graph)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
    return steps.build()
