"""The street network on the CPU with OpenVINO: the product's default."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from models.decode import FLOOR, detections_from, padded
from models.detections import Detections

Precision = Literal["f32", "bf16", "int8"]
SHAPES_KEPT: Final = 4  # compiled networks, about 50 MB each; more are seldom in use at once, compiling takes 0.2 s

# One thread and one stream cost the least CPU per picture and scale by running more workers; the LATENCY hint burns
# half as much again. Pinning would put every worker on the same core.
ONE_THREAD: Final[dict[str, Any]] = {
    "PERFORMANCE_HINT": "THROUGHPUT",
    "NUM_STREAMS": 1,
    "INFERENCE_NUM_THREADS": 1,
    "ENABLE_CPU_PINNING": False,
}


class OpenVinoDetector:
    """A detector that keeps one compiled network per picture shape. Not for use by two threads at once.

    Args:
        graph: the `.xml` written by `models.export.release`, already verified.
        precision: arithmetic of the CPU; `int8` is a property of the graph and runs as it is stored.
        floor: lowest confidence returned; only an evaluation looks lower than the product does.
    """

    def __init__(
        self,
        graph: Path,
        *,
        name: str,
        thresholds: NDArray[np.float32],
        precision: Precision,
        floor: float = FLOOR,
    ) -> None:
        import openvino as ov

        self._core = ov.Core()
        if (folder := _cache_folder()) is not None:
            self._core.set_property({"CACHE_DIR": str(folder)})
        self._graph = self._core.read_model(graph)
        self._precision = precision
        self._requests: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._name = name
        self._thresholds = thresholds
        self._floor = floor

    @property
    def model_id(self) -> str:
        return f"{self._name}+openvino-{self._precision}"

    @property
    def thresholds(self) -> NDArray[np.float32]:
        return self._thresholds

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        height, width = picture.shape[:2]
        return detections_from(self.rows(padded(picture)), width, height, self._floor)

    def rows(self, canvas: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(anchors, 4 + classes) what the network itself gives for a padded picture; valid until the next call."""
        request = self._request(canvas.shape[0], canvas.shape[1])
        output = request.infer({0: canvas[None]}, share_inputs=True, share_outputs=True)[0]
        anchors: NDArray[np.float32] = np.asarray(output, np.float32)[0]
        return anchors

    def _request(self, height: int, width: int) -> Any:
        shape = (height, width)
        if shape not in self._requests:
            self._requests[shape] = self._compile(shape)
            if len(self._requests) > SHAPES_KEPT:
                self._requests.popitem(last=False)
        self._requests.move_to_end(shape)
        return self._requests[shape]

    def _compile(self, shape: tuple[int, int]) -> Any:
        graph = self._graph.clone()
        graph.reshape([1, *shape, 3])
        arithmetic = "bf16" if self._precision == "bf16" else "f32"
        settings = ONE_THREAD | {"INFERENCE_PRECISION_HINT": arithmetic}
        return self._core.compile_model(graph, "CPU", settings).create_infer_request()


def _cache_folder() -> Path | None:
    """Where compiled networks are kept: compiling costs 0.4 CPU-s per picture shape, reading it back 0.16.

    None where nothing can be written.
    """
    folder = user_cache_path("street-patrol") / "openvino"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
