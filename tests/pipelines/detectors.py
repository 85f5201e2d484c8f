"""Detectors that cost nothing, for tests; they go to worker processes by pickle like real ones."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.detector import Detector
from models.errors import WeightsError
from models.taxonomy import CLASS_ID
from pipelines.batch.workers import LARGEST_IDLE_BYTES


class WhiteSquares:
    """Calls the bright region of a picture litter; `dies`: its process is killed at the sight."""

    model_id = "white-squares@0+test"
    thresholds = np.full(len(CLASS_ID), 0.3, np.float32)

    def __init__(self, dies: bool = False) -> None:
        self._dies = dies

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        rows, columns = np.nonzero(picture.min(axis=2) > 200)
        if len(rows) < 4:
            return Detections.empty()
        if self._dies:
            os.kill(os.getpid(), signal.SIGKILL)
        box = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.array([CLASS_ID["litter"]], np.int16))


@dataclass(frozen=True, slots=True)
class WhiteSquaresSource:
    network: str = "white-squares@0"
    dies_of_white: bool = False

    def load(self) -> Detector:
        return WhiteSquares(self.dies_of_white)


@dataclass(frozen=True, slots=True)
class NoWeights:
    network: str = "none@0"

    def load(self) -> Detector:
        raise WeightsError("no weights here", advice="make some")


HOARD: list[NDArray[np.uint8]] = []


@dataclass(frozen=True, slots=True)
class Square:
    """A job that squares a number, tells of it, and misbehaves when asked."""

    number: int
    misbehaviour: str = ""

    def run(self, detector: Detector, tell: Callable[[float], None]) -> object:
        tell(float(self.number))
        if self.misbehaviour == "typed":
            raise WeightsError("typed", advice="advice")
        if self.misbehaviour == "defect":
            raise ZeroDivisionError("oops")
        if self.misbehaviour == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.misbehaviour == "hoards":
            HOARD.append(np.ones(LARGEST_IDLE_BYTES, np.uint8))
        return os.getpid() if self.misbehaviour else self.number**2
