"""Where detectors come from: the manifest names the files, their hashes are checked, a back end runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from models.detector import Detector
from models.errors import BadUse, MissingExtra
from models.manifest import CHECKPOINT_NAME, WEIGHTS_FOLDER, Release, read_release
from models.openvino_backend import OpenVinoDetector, Precision
from models.precision import fastest_precision

Backend = Literal["auto", "openvino", "torch"]


def load_detector(
    name: str | None = None,
    backend: Backend = "auto",
    precision: Precision | Literal["auto"] = "auto",
    *,
    weights: Path = WEIGHTS_FOLDER,
) -> Detector:
    """The released network `name` (the manifest's default when None), ready to detect.

    Args:
        backend: `auto` is OpenVINO on the CPU; `torch` is the reference and uses a GPU where there is one.
        precision: of the OpenVINO back end; `auto` is what this machine computes in the least CPU time.

    Raises:
        WeightsError: a file is missing or is not the one that the manifest names.
        MissingExtra: the torch back end without the extra `torch`.
    """
    release = read_release(name, weights)
    if backend == "torch":
        return _torch_detector(release)
    if backend not in ("auto", "openvino"):
        raise BadUse(f"no detector back end called '{backend}'", advice="use auto, openvino or torch")
    return _openvino_detector(release, precision)


def _openvino_detector(release: Release, precision: Precision | Literal["auto"]) -> Detector:
    chosen: Precision = fastest_precision(release) if precision == "auto" else precision
    return OpenVinoDetector(
        release.graph(int8=chosen == "int8"),
        name=release.stamp,
        thresholds=release.thresholds,
        precision=chosen,
    )


def _torch_detector(release: Release) -> Detector:
    try:
        from models.torch_backend import TorchDetector
    except ImportError as error:
        raise MissingExtra(
            f"the torch back end needs {error.name}", advice="pip install 'street-patrol[torch]'"
        ) from error
    return TorchDetector(release.file(CHECKPOINT_NAME), name=release.stamp, thresholds=release.thresholds)
