"""What `patrol evaluate network` can measure: a released network by name or folder, or a checkpoint of a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.detector import Detector
from models.errors import BadUse, MissingExtra
from models.evaluation.evaluate import DEFAULT_THRESHOLD
from models.file_hash import sha256_of
from models.manifest import MANIFEST_NAME, WEIGHTS_FOLDER
from models.openvino_backend import Precision
from models.store import Backend, load_detector
from models.taxonomy import STREET_CLASSES

# Average precision needs the weak boxes, too: cut off at the product's 0.05 it comes out 0.01 to 0.05 lower.
EVALUATION_FLOOR: Final = 0.001


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network to be measured.

    Attributes:
        release: its name in the manifest of `weights`; None for the manifest's default one.
        checkpoint: a file of a training instead, which has no thresholds yet.
    """

    release: str | None
    weights: Path
    checkpoint: Path | None = None


def named(what: str | None, weights: Path = WEIGHTS_FOLDER) -> Candidate:
    """The network called so: a `.safetensors` file, the folder of a release, or a name (None: the default release).

    Raises:
        BadUse: a file or folder that is neither.
    """
    path = Path(what) if what else None
    if path is None:
        return Candidate(None, weights)
    if path.suffix == ".safetensors":
        return Candidate(None, weights, path)
    if path.is_dir():
        if not (path.parent / MANIFEST_NAME).is_file():
            raise BadUse(f"{path} is no release: there is no {MANIFEST_NAME} beside it")
        return Candidate(path.resolve().name, path.resolve().parent)
    return Candidate(what, weights)


def load(candidate: Candidate, backend: Backend = "auto", precision: Precision | Literal["auto"] = "auto") -> Detector:
    """The detector, returning boxes from `EVALUATION_FLOOR` up. A checkpoint runs in torch, in float32.

    Raises:
        WeightsError: no such network, or its files are not the ones that the manifest names.
        MissingExtra: a checkpoint, or the torch back end, without the extra `torch`.
    """
    if candidate.checkpoint is None:
        return load_detector(candidate.release, backend, precision, weights=candidate.weights, floor=EVALUATION_FLOOR)
    try:
        from models.torch_backend import TorchDetector
    except ImportError as error:
        raise MissingExtra(f"a checkpoint needs {error.name}", advice="pip install 'street-patrol[torch]'") from error
    return TorchDetector(
        candidate.checkpoint, name=_stamp(candidate.checkpoint), thresholds=_no_thresholds(), floor=EVALUATION_FLOOR
    )


def _stamp(checkpoint: Path) -> str:
    digest = sha256_of(checkpoint)[:12] if checkpoint.is_file() else ""
    return f"{checkpoint.stem}@{digest}"


def _no_thresholds() -> NDArray[np.float32]:
    return np.full(len(STREET_CLASSES), DEFAULT_THRESHOLD, np.float32)
