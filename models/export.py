"""From a float checkpoint to what ships: an OpenVINO graph that takes uint8 RGB pictures of any size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.data.sources import Recipe, read_recipe
from models.decode import STRIDE
from models.export_onnx import ONNX_NAME, TRACE_SIZE, export_onnx
from models.manifest import CHECKPOINT_NAME, GRAPH_NAME, INT8_NAME, WEIGHTS_NAME, sha256_of
from models.progress import Progress, read_progress
from models.quantize import quantize_graph
from models.taxonomy import STREET_CLASSES


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
) -> Exported:
    """Write `street.xml`, `street.bin` (fp16) and `street.safetensors` into `folder`.

    With folders of pictures to `calibrate` on, also `street-int8.xml` and its `.bin`, which loses little on the
    pictures that the merged training set `held` holds out; with `onnx`, `street.onnx`.

    The graph takes (1, H, W, 3) uint8 RGB with H and W multiples of 32, and gives (1, anchors, 4 + classes):
    x1 y1 x2 y2 in pixels of its input and one score per class, of the one-to-one head, which needs no
    non-maximum suppression.
    """
    import openvino as ov
    import torch

    from models.network import deployable, load_network, read_about, save_network

    folder.mkdir(parents=True, exist_ok=True)
    save_network(load_network(checkpoint, classes), folder / CHECKPOINT_NAME, read_about(checkpoint))
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


def release_entry(exported: Exported, checkpoint: Path, configs: tuple[Path, ...]) -> dict[str, Any]:
    """The manifest's tables about where a network comes from: files, input, training steps, data and licences.

    The progress that `patrol train` left beside the checkpoint belongs to the configuration with the same hash.
    """
    from models.network import read_about

    recipes = [(path, read_recipe(path)) for path in configs]
    progress, seen = read_progress(checkpoint.parent), int(read_about(checkpoint).get("pictures_seen", 0))
    return {
        "created": datetime.now(UTC).strftime("%Y-%m-%d"),
        "licence": "AGPL-3.0-or-later",
        "input": {"colours": "RGB", "type": "uint8", "multiple_of": STRIDE, "sizes": [[640, 384], [640, 640]]},
        "files": exported.sha256,
        "training": [_training_step(path, recipe, progress, seen) for path, recipe in recipes],
        "data": _data([recipe for _, recipe in recipes]),
    }


def _training_step(path: Path, recipe: Recipe, progress: Progress | None, seen: int) -> dict[str, Any]:
    """How a network was trained; `seen` is what its checkpoint says of the pictures it has learnt from."""
    mine = progress if progress and progress.recipe == recipe.sha256 else None
    return {
        "config": path.name,
        "config_sha256": recipe.sha256,
        "command": f"patrol train --config models/config/{path.name} --data ROOT --run RUN{_length(recipe, mine)}",
        "start": recipe.start,
        "pictures_seen": (seen or mine.steps_done * recipe.batch) if mine else recipe.epochs * recipe.epoch_pictures,
        "seconds": round(mine.seconds) if mine else 0,
    }


def _length(recipe: Recipe, progress: Progress | None) -> str:
    """The option that made the training as long as it was, where that is not the recipe's length."""
    if progress is None or progress.steps_done == recipe.epochs * (recipe.epoch_pictures // recipe.batch):
        return ""
    whole = progress.steps_done == progress.epochs_done * (recipe.epoch_pictures // recipe.batch)
    return f" --epochs {progress.epochs_done}" if whole else f" --minutes {progress.seconds / 60:.0f}"


def _data(recipes: list[Recipe]) -> list[dict[str, Any]]:
    """Each source once, in the order of its first use."""
    sources = {source.name: source for recipe in recipes for source in recipe.sources}
    return [{"name": each.name, "folder": each.folder, "licence": each.licence} for each in sources.values()]


def _with_picture_input(graph: object) -> object:
    """Put the conversion from uint8 pictures to network input into the graph itself."""
    import openvino as ov
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(graph)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
    return steps.build()
