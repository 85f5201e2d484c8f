"""What one 640x384 picture costs the street network, against YOLO26n COCO exported the same way.

    python -m bench.network_cost --base yolo26n-coco-recovered.safetensors

CPU milliseconds (user + system) of the network alone, one thread, in float32, bfloat16 and int8. Both networks and all
precisions take turns, so that other work on the machine slows all of them alike; medians, and the median of the ratio
of each turn. The int8 graph of the base is calibrated on noise: its cost does not depend on that, only what it sees.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from bench.base_network import export_base
from models.manifest import WEIGHTS_FOLDER, Release, read_release
from models.openvino_backend import OpenVinoDetector, Precision
from models.precision import SIZE

PRECISIONS: Final[tuple[Precision, ...]] = ("f32", "bf16", "int8")
WARM_UP: Final = 5
ROUNDS: Final = 60
NOISE_PICTURES: Final = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians: CPU milliseconds of both, and ours / base within a turn."""

    precision: Precision
    ours_ms: float
    base_ms: float
    ratio: float


def compare_costs(ours: Release, base: Release, rounds: int = ROUNDS) -> list[Cost]:
    """Both networks in each precision, turn by turn."""
    picture = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    pairs = {each: (_detector(ours, each), _detector(base, each)) for each in PRECISIONS}
    readings: dict[Precision, list[tuple[float, float]]] = {each: [] for each in PRECISIONS}
    for turn in range(WARM_UP + rounds):
        for precision, (mine, theirs) in pairs.items():
            first, second = (_cpu_ms(each, picture) for each in ((mine, theirs) if turn % 2 else (theirs, mine)))
            if turn >= WARM_UP:
                readings[precision].append((first, second) if turn % 2 else (second, first))
    return [_cost(precision, values) for precision, values in readings.items()]


def write_noise(folder: Path) -> Path:
    """Pictures to calibrate an int8 graph with whose answers nobody reads."""
    random = np.random.default_rng(1)
    for number in range(NOISE_PICTURES):
        cv2.imwrite(str(folder / f"{number}.png"), random.integers(0, 256, (*SIZE, 3), np.uint8))
    return folder


def _detector(release: Release, precision: Precision) -> OpenVinoDetector:
    graph = release.graph(int8=precision == "int8")
    return OpenVinoDetector(graph, name=release.name, thresholds=release.thresholds, precision=precision)


def _cpu_ms(detector: OpenVinoDetector, picture: np.ndarray) -> float:
    start = time.process_time()
    detector.rows(picture)
    return 1000 * (time.process_time() - start)


def _cost(precision: Precision, values: list[tuple[float, float]]) -> Cost:
    ours, base = (statistics.median(each) for each in zip(*values, strict=True))
    return Cost(precision, ours, base, statistics.median(mine / theirs for mine, theirs in values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="checkpoint of YOLO26n with COCO's 80 classes")
    parser.add_argument("--network", help="released street network; the manifest's default if not given")
    parser.add_argument("--weights", type=Path, default=WEIGHTS_FOLDER, help="folder of the manifest")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    ours = read_release(options.network, options.weights)
    with tempfile.TemporaryDirectory() as scratch:
        noise = Path(scratch, "noise")
        noise.mkdir()
        base = export_base(options.base, Path(scratch, "base"), (write_noise(noise),))
        costs = compare_costs(ours, base, options.rounds)
    print(f"{ours.stamp}, CPU-ms per 640x384 picture, one thread\n{'':6}{'ours':>8}{'base':>8}{'ratio':>8}")
    for each in costs:
        print(f"{each.precision:6}{each.ours_ms:8.1f}{each.base_ms:8.1f}{each.ratio:8.2f}")


if __name__ == "__main__":
    main()
