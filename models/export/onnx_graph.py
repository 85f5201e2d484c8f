"""The street network as ONNX, with the same input and output as the OpenVINO graph. Needs the extra `onnx`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

from models.errors import MissingExtra
from models.taxonomy import STREET_CLASSES

ONNX_NAME: Final = "street.onnx"
INPUT: Final = "pictures"
OUTPUT: Final = "rows"
OPSET: Final = 17
TRACE_SIZE: Final = (384, 640)  # height, width of the wide look; only for tracing, the sizes stay dynamic


def export_onnx(
    checkpoint: Path, target: Path, classes: tuple[str, ...] = STREET_CLASSES, *, half: bool = False
) -> None:
    """Write a graph that takes `pictures` (1, H, W, 3) uint8 RGB, H and W multiples of 32.

    It gives `rows` (1, anchors, 4 + classes) float32: x1 y1 x2 y2 in pixels and one score per class.

    Args:
        half: convolutions in float16, for engines that take a graph's types as they are; coordinates stay float32.

    Raises:
        MissingExtra: the package onnx is not installed.
    """
    try:
        import onnx  # noqa: F401 - torch needs it to write the file
    except ImportError as error:
        raise MissingExtra("ONNX needs the package onnx", advice="pip install 'street-patrol[onnx]'") from error
    import torch

    network = picture_network(checkpoint, classes, half=half)
    pictures = torch.zeros(1, *TRACE_SIZE, 3, dtype=torch.uint8)
    partial = target.with_suffix(".partial")
    with warnings.catch_warnings(), torch.inference_mode():
        # The newer exporter needs onnxscript besides and ties H to W by guards; this one traces.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (pictures,), partial, dynamo=False, opset_version=OPSET,
            input_names=[INPUT], output_names=[OUTPUT],
            dynamic_axes={INPUT: {1: "height", 2: "width"}, OUTPUT: {1: "anchors"}},
        )  # fmt: skip
    partial.replace(target)


def picture_network(checkpoint: Path, classes: tuple[str, ...], *, half: bool = False) -> Any:
    """A torch module from uint8 pictures to rows, ready to be traced."""
    import torch

    from models.network import deployable

    network = deployable(checkpoint, classes)

    class PictureNetwork(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pictures: Any) -> Any:
            scaled = pictures.permute(0, 3, 1, 2).float() / 255
            with torch.autocast("cpu", torch.float16, enabled=half):
                return self.network(scaled).float()

    return PictureNetwork().eval()
