"""Where detectors come from: the manifest names the files, their hashes are checked, a back end runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from models.decode import FLOOR
from models.detector import Detector
from models.errors import BadUse, MissingExtra
from models.lamp_state.detector import LampStateDetector, LampStateReader
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
    floor: float = FLOOR,
    lamps: bool = True,
) -> Detector:
    """The released network `name` (the manifest's default when None), ready to detect.

    Args:
        backend: `auto` is OpenVINO on the CPU; `torch` is the reference and uses a GPU where there is one.
        precision: of the OpenVINO back end; `auto` is what this machine computes in the least CPU time.
        floor: lowest confidence returned; only an evaluation looks lower than the product does.
        lamps: signal heads are looked at a second time if the release says with what.

    Raises:
        WeightsError: a file is missing or is not the one that the manifest names.
        MissingExtra: the torch back end without the extra `torch`.
    """
    release = read_release(name, weights)
    release = release if lamps else replace(release, lamps=None)
    if backend not in ("auto", "openvino", "torch"):
        raise BadUse(f"no detector back end called '{backend}'", advice="use auto, openvino or torch")
    torch = backend == "torch"
    detector = _torch_detector(release, floor) if torch else _openvino_detector(release, precision, floor)
    if release.lamps is None:
        return detector
    return LampStateDetector(detector, LampStateReader(release.lamps.graph()), floor)


def _openvino_detector(release: Release, precision: Precision | Literal["auto"], floor: float) -> Detector:
    chosen: Precision = fastest_precision(release) if precision == "auto" else precision
    return OpenVinoDetector(
        release.graph(int8=chosen == "int8"),
        name=release.stamp,
        thresholds=release.thresholds,
        precision=chosen,
        floor=floor,
    )


def _torch_detector(release: Release, floor: float) -> Detector:
    try:
        from models.torch_backend import TorchDetector
    except ImportError as error:
        raise MissingExtra(
            f"the torch back end needs {error.name}", advice="pip install 'street-patrol[torch]'"
        ) from error
    checkpoint = release.file(CHECKPOINT_NAME)
    return TorchDetector(checkpoint, name=release.stamp, thresholds=release.thresholds, floor=floor)
