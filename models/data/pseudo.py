"""Road users that a source did not label, filled in by the COCO base network. Needs the extra `torch`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.data.boxes import Boxes, Guess
from models.decode import detections_from, padded
from models.half_precision import bf16_is_fast
from models.network import Rows, load_network
from models.taxonomy import CLASS_ID

# https://github.com/ultralytics/ultralytics/blob/main/ultralytics/cfg/datasets/coco.yaml
COCO_ROAD_USERS: Final = {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
COCO_CLASSES: Final = tuple(str(index) for index in range(80))


class BaseFiller:
    """Calls the base network: road users found with at least `confidence` are sure, with at least `unsure` may be."""

    def __init__(self, checkpoint: Path, confidence: float, unsure: float | None = None) -> None:
        self._network = Rows(load_network(checkpoint, COCO_CLASSES).to(memory_format=torch.channels_last))
        self._bf16 = bf16_is_fast(torch.device("cpu"))
        self._confidence, self._unsure = confidence, confidence if unsure is None else unsure

    def __call__(self, picture: NDArray[np.uint8], wanted: frozenset[int]) -> Guess:
        height, width = picture.shape[:2]
        pixels = torch.from_numpy(np.ascontiguousarray(padded(picture)[:, :, ::-1])).permute(2, 0, 1)[None]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            rows = self._network(pixels.float().contiguous(memory_format=torch.channels_last) / 255)[0]
        found = detections_from(rows.float().numpy(), width, height)
        ours = np.array([CLASS_ID.get(COCO_ROAD_USERS.get(int(each), ""), -1) for each in found.class_id], np.int64)
        seen = np.isin(ours, list(wanted)) & (found.confidence >= self._unsure)
        boxes = Boxes(ours, found.boxes / np.array([width, height, width, height], np.float64))
        sure = found.confidence >= self._confidence
        return Guess(boxes[seen & sure], boxes[seen & ~sure])
