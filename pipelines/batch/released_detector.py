"""The released network as a batch's source of detectors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from models.detector import Detector
from models.manifest import read_release
from models.openvino_backend import Precision
from models.store import Backend, load_detector


@dataclass(frozen=True, slots=True)
class ReleasedDetector:
    """Arguments as of `models.store.load_detector`."""

    name: str | None = None
    backend: Backend = "auto"
    precision: Precision | Literal["auto"] = "auto"

    @property
    def network(self) -> str:
        """The weights and the thresholds they are used with; back end and precision do not make it another network."""
        release = read_release(self.name)
        return f"{release.stamp}/{hashlib.sha256(release.thresholds.tobytes()).hexdigest()[:8]}"

    def load(self) -> Detector:
        return load_detector(self.name, self.backend, self.precision)
