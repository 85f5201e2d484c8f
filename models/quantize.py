"""The int8 graph: for processors with VNNI but no bf16, where it costs half of float32. Needs the extra `int8`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.merge import PICTURES
from models.decode import padded
from models.errors import BadUse, MissingExtra

CALIBRATION_PICTURES: Final = 240
HEAD_ARITHMETIC: Final = r".*model\.23/.*"  # operations of the head itself, not those of its convolutions
LONGER_SIDE: Final = 640  # of the wide look


def quantize_graph(graph: Path, target: Path, folders: tuple[Path, ...]) -> None:
    """Write an int8 version of a graph, its ranges taken from pictures of the folders (training pictures, not val).

    Raises:
        MissingExtra: nncf is not installed.
    """
    try:
        import nncf
    except ImportError as error:
        raise MissingExtra("int8 needs nncf", advice="pip install 'street-patrol[int8]'") from error
    import openvino as ov

    pictures = calibration_pictures(folders)
    dataset = nncf.Dataset(pictures, lambda path: _network_input(path)[None])
    # The head's arithmetic on coordinates stays float: in 8 bits a box of a 1024 px picture is 4 px off, and beyond the
    # widest calibration picture it is cut off (measured: heads in dashcam frames fell from AP50 0.46 to 0.22).
    coordinates = nncf.IgnoredScope(patterns=[HEAD_ARITHMETIC])
    # MIXED: SiLU's outputs are not symmetric about zero, so activations get their own zero point.
    quantized = nncf.quantize(
        ov.Core().read_model(graph),
        dataset,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(pictures),
        ignored_scope=coordinates,
    )
    ov.save_model(quantized, target, compress_to_fp16=True)


def calibration_pictures(folders: tuple[Path, ...]) -> list[Path]:
    """At most `CALIBRATION_PICTURES`, spread evenly over all folders' pictures; the same ones each time.

    Raises:
        BadUse: there is no picture.
    """
    found = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix.lower() in PICTURES]
    if not found:
        raise BadUse("no pictures to calibrate int8 with", advice="give folders of training pictures with --calibrate")
    return found[:: max(1, -(-len(found) // CALIBRATION_PICTURES))]


def _network_input(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadUse(f"{path} cannot be read as a picture")
    scale = LONGER_SIDE / max(picture.shape[:2])
    resized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return padded(np.ascontiguousarray(resized[:, :, ::-1], np.uint8))
