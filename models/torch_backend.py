"""The street network in torch: the reference the OpenVINO graph is held against, and the GPU back end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.decode import detections_from, padded
from models.detections import Detections
from models.network import every_row, load_network


class TorchDetector:
    """Detects with the float checkpoint, on the first GPU or else the CPU."""

    def __init__(self, checkpoint: Path, *, name: str, thresholds: NDArray[np.float32]) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = load_network(checkpoint)
        head = network.model[-1]
        head.end2end = True  # the one-to-one head, which needs no non-maximum suppression
        head.postprocess = every_row  # rows above the floor are chosen outside of the network
        self._network = network.to(self._device)
        self._name = name
        self._thresholds = thresholds

    @property
    def model_id(self) -> str:
        return f"{self._name}+torch-f32"

    @property
    def thresholds(self) -> NDArray[np.float32]:
        return self._thresholds

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        height, width = picture.shape[:2]
        pixels = torch.from_numpy(padded(picture)).to(self._device).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            rows = self._network(pixels)[0][0]
        return detections_from(rows.cpu().numpy(), width, height)
