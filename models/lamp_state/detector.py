"""A detector whose signal heads are looked at a second time, enlarged, to tell what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.decode import FLOOR
from models.detections import Detections
from models.detector import Detector
from models.lamp_state.heads import judged, merged_heads
from models.lamp_state.window import STATES, cut_windows, windows_of
from models.openvino_backend import ONE_THREAD
from models.taxonomy import LIGHTS, class_ids

LIGHT_IDS: Final = class_ids(LIGHTS)


class LampStateReader:
    """The lamp state network on the CPU with OpenVINO: 0.1 ms a head. Not for use by two threads at once.

    Args:
        graph: the `.xml` written by `models.lamp_state.export`, already verified.
    """

    def __init__(self, graph: Path) -> None:
        import openvino as ov

        settings = ONE_THREAD | {"INFERENCE_PRECISION_HINT": "f32"}
        core = ov.Core()
        self._request: Any = core.compile_model(core.read_model(graph), "CPU", settings).create_infer_request()

    def read(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, states) probabilities of (N, SIDE, SIDE, 3) RGB windows."""
        if not len(windows):
            return np.zeros((0, len(STATES)), np.float32)
        return np.array(self._request.infer({0: windows})[0], np.float32)


class LampStateDetector:
    """Another detector's detections, with one box per signal head and its state read twice.

    The two networks are one to the caller: `name`s of releases, and so `model_id`, cover both.
    """

    def __init__(self, detector: Detector, reader: LampStateReader, floor: float = FLOOR) -> None:
        self._detector = detector
        self._reader = reader
        self._floor = floor

    @property
    def model_id(self) -> str:
        return self._detector.model_id

    @property
    def thresholds(self) -> NDArray[np.float32]:
        return self._detector.thresholds

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        found = self._detector.detect(picture)
        is_light = np.isin(found.class_id, list(LIGHT_IDS))
        if not is_light.any():
            return found
        heads = merged_heads(found[is_light])
        lights = judged(heads, self._reader.read(cut_windows(picture, windows_of(heads.boxes))))
        every = Detections.concatenate([found[~is_light], lights[lights.confidence >= self._floor]])
        return every[np.argsort(-every.confidence, kind="stable")]
