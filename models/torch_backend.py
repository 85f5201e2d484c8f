"""The street network in torch: the reference the OpenVINO graph is held against, and the GPU back end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.decode import FLOOR, detections_from, padded
from models.detections import Detections
from models.half_precision import bf16_is_fast
from models.network import Rows, load_network


class TorchDetector:
    """Detects with the float checkpoint, on the first GPU or else the CPU.

    Args:
        quick: with normalisation folded in, and in bf16 where that is faster: for measuring while training. AP50
            changes in the third digit.
    """

    def __init__(
        self, checkpoint: Path, *, name: str, thresholds: NDArray[np.float32], floor: float = FLOOR, quick: bool = False
    ) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = load_network(checkpoint).to(self._device)
        if quick:
            network = network.fuse(verbose=False).to(memory_format=torch.channels_last)
        self._network = Rows(network)
        self._bf16 = quick and bf16_is_fast(self._device)
        self._name = name
        self._thresholds = thresholds
        self._floor = floor

    @property
    def model_id(self) -> str:
        return f"{self._name}+torch-{'bf16' if self._bf16 else 'f32'}"

    @property
    def thresholds(self) -> NDArray[np.float32]:
        return self._thresholds

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        height, width = picture.shape[:2]
        pixels = torch.from_numpy(padded(picture)).to(self._device).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16):
            rows = self._network(pixels)[0]
        return detections_from(rows.float().cpu().numpy(), width, height, self._floor)
