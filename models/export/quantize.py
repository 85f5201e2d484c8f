"""The int8 graph: for processors with VNNI but no bf16, where it costs half of float32. Needs the extra `int8`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.pictures import PICTURES, read_rgb
from models.decode import detections_from, padded
from models.errors import BadUse, MissingExtra
from models.evaluation.evaluate import Seen
from models.evaluation.sets import EvaluationSet, Labelled, held_sets, labelled_pictures

CALIBRATION_PICTURES: Final = 240
HEAD_ARITHMETIC: Final = r".*model\.23/.*"  # operations of the head itself, not those of its convolutions
MOST_LOST: Final = 0.005  # of mean AP50, absolute
LONGER_SIDE: Final = 640  # of the wide look


def quantize_graph(graph: Path, target: Path, folders: tuple[Path, ...], held: Path | None = None) -> None:
    """Write an int8 version of a graph, its ranges taken from pictures of the folders (training pictures, not val).

    Args:
        held: a merged training set (`RUN/set`). Where int8 loses more than `MOST_LOST` of the mean AP50 on the
            pictures that it holds out, the operations that lose most stay float, one after the other: minutes to hours.

    Raises:
        MissingExtra: nncf is not installed.
    """
    try:
        import nncf
    except ImportError as error:
        raise MissingExtra("int8 needs nncf", advice="pip install 'street-patrol[int8]'") from error
    import openvino as ov

    pictures = calibration_pictures(folders)
    calibration = nncf.Dataset(pictures, lambda path: _network_input(path)[None])
    # The head's arithmetic on coordinates stays float: in 8 bits a box of a 1024 px picture is 4 px off, and beyond the
    # widest calibration picture it is cut off (measured: heads in dashcam frames fell from AP50 0.46 to 0.22).
    coordinates = nncf.IgnoredScope(patterns=[HEAD_ARITHMETIC])
    # MIXED: SiLU's outputs are not symmetric about zero, so activations get their own zero point.
    options = {"preset": nncf.QuantizationPreset.MIXED, "subset_size": len(pictures), "ignored_scope": coordinates}
    model = ov.Core().read_model(graph)
    if held is None:
        quantized = nncf.quantize(model, calibration, **options)
    else:
        items = held_items(held)
        quantized = nncf.quantize_with_accuracy_control(
            model, calibration, nncf.Dataset(items), mean_ap50, max_drop=MOST_LOST, **options
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


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A labelled picture and the set that says which of its labels count."""

    source: EvaluationSet
    labelled: Labelled


def held_items(folder: Path) -> list[HeldItem]:
    """All pictures that a merged training set holds out."""
    sets = held_sets(folder)
    return [HeldItem(each, labelled) for each in sets for labelled in labelled_pictures(each, (folder.parent,))]


def mean_ap50(compiled: Any, items: Iterable[HeldItem]) -> float:
    """Mean AP50 of a compiled graph over the classes labelled in the items."""
    from models.training.held import held_score

    by_source: dict[str, list[HeldItem]] = {}
    for item in items:
        by_source.setdefault(item.source.name, []).append(item)
    return held_score([_seen(compiled, mine) for mine in by_source.values()]).mean


def _seen(compiled: Any, items: list[HeldItem]) -> Seen:
    found = []
    for item in items:
        picture = item.labelled.picture
        rows = np.asarray(compiled(padded(picture)[None])[0], np.float32)[0]
        found.append(detections_from(rows, picture.shape[1], picture.shape[0]))
    labelled = [item.labelled for item in items]
    truths = tuple(each.truths for each in labelled)
    return Seen(items[0].source, tuple(each.path for each in labelled), tuple(found), truths, np.arange(len(items)))


def _network_input(path: Path) -> NDArray[np.uint8]:
    picture = read_rgb(path)
    scale = LONGER_SIDE / max(picture.shape[:2])
    resized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return padded(np.asarray(resized, np.uint8))
