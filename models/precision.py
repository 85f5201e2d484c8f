"""Which arithmetic costs this machine the least CPU time: measured once, remembered."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Final, get_args

import numpy as np
import platformdirs

from models.manifest import Release
from models.openvino_backend import OpenVinoDetector, Precision

SIZE: Final = (384, 640)  # height, width of the wide look, which is most of the work
WARM_UP: Final = 3
QUANTISED_GAIN: Final = 0.85  # int8 loses a little accuracy: it must cost at most this share of the float's time
ROUNDS: Final = 8  # the precisions take turns, so that other work on the machine slows all of them alike


def fastest_precision(release: Release, memory: Path | None = None) -> Precision:
    """The cheapest precision for this processor and this network.

    Args:
        memory: folder of the file that remembers the choice; the user's cache folder when None.
    """
    path = (memory or Path(platformdirs.user_cache_dir("street-patrol"))) / "precision.json"
    key = f"{_processor()} {release.stamp}"
    known = _read(path)
    if key in known and known[key] in get_args(Precision):
        return known[key]
    costs = measure(release)
    choice = cheapest(costs)
    _write(path, known | {key: choice})
    return choice


def cheapest(costs: dict[Precision, float]) -> Precision:
    """The precision of the lowest cost, with int8 held to more than a small gain."""
    weighed = {each: cost / QUANTISED_GAIN if each == "int8" else cost for each, cost in costs.items()}
    return min(weighed, key=lambda precision: weighed[precision])


def measure(release: Release) -> dict[Precision, float]:
    """CPU-seconds of one 640x384 picture in each precision that the release and the machine offer."""
    picture = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    precisions: tuple[Precision, ...] = ("f32", "bf16", "int8") if release.has_int8 else ("f32", "bf16")
    detectors = {
        each: OpenVinoDetector(
            release.graph(int8=each == "int8"), name=release.stamp, thresholds=release.thresholds, precision=each
        )
        for each in precisions
    }
    best: dict[Precision, float] = dict.fromkeys(precisions, float("inf"))
    for turn in range(WARM_UP + ROUNDS):
        for each, detector in detectors.items():
            start = time.process_time()
            detector.detect(picture)
            if turn >= WARM_UP:
                best[each] = min(best[each], time.process_time() - start)
    return best


def _processor() -> str:
    """A name of the processor that changes with its instruction sets."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return f"{platform.processor()} {platform.machine()}"
    fields = [line.partition(":")[2].strip() for line in info.read_text("utf-8").splitlines() if "model name" in line]
    return fields[0] if fields else platform.machine()


def _read(path: Path) -> dict[str, Precision]:
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path: Path, known: dict[str, Precision]) -> None:
    """Best effort: where nothing can be remembered the measurement is made again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(known, indent=1), "utf-8")
        partial.replace(path)
    except OSError:
        return
