"""What the second look at signal heads gains and costs, with and without it in one run, for one released network.

`python -m bench.lamp_states DATA... [--network NAME] [--config models/config/evaluate_v1.toml]`
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.detections import Detections
from models.evaluation.evaluate import Seen, scored
from models.evaluation.metrics import average_precision
from models.evaluation.sets import EvaluationSet, labelled_pictures, read_evaluation
from models.lamp_state.detector import LIGHT_IDS, LampStateDetector, LampStateReader
from models.lamp_state.window import NONE, SIDE, STATE_CLASS, cut_windows, windows_of
from models.manifest import WEIGHTS_FOLDER, LampRelease, read_release
from models.store import load_detector
from models.taxonomy import CLASS_ID

COLOURS = [CLASS_ID[f"light_{name}"] for name in ("red", "yellow", "green")]
SETS = ("lights-scenes", "lights-dashcam")
CROPS = "lights-crops"


def main() -> None:
    options = _options()
    release = read_release(options.network, options.weights)
    if release.lamps is None:
        raise SystemExit(f"{release.name} names no lamp state network")
    reader = LampStateReader(release.lamps.graph())
    sets = {each.name: each for each in read_evaluation(options.config)}
    print(f"{release.stamp}\n{release.lamps.name}: {_crop_errors(sets[CROPS], options.data, reader)}")
    print(f"{_cost_ms(release.lamps):.3f} CPU-ms a head (batches of 4)\n")
    print(f"{'AP50':24}{'red':>8}{'yellow':>8}{'green':>8}{'mean':>8}{'any state':>12}")
    for name in SETS:
        for floor in (0.05, 0.01):
            plain = load_detector(options.network, precision="f32", weights=options.weights, floor=floor, lamps=False)
            looks = {"": plain, " + lamps": LampStateDetector(plain, reader, floor)}
            pictures = list(labelled_pictures(sets[name], options.data))
            truths = tuple(each.truths for each in pictures)
            for suffix, detector in looks.items():
                found = tuple(detector.detect(each.picture).of(LIGHT_IDS) for each in pictures)
                paths = tuple(each.path for each in pictures)
                seen = Seen(sets[name], paths, found, truths, np.arange(len(pictures)))
                _show(f"{name.removeprefix('lights-')} {floor}{suffix}", seen)


def _show(title: str, seen: Seen) -> None:
    values = [average_precision(scored(seen, frozenset({each}))) for each in COLOURS]
    found, truths = (tuple(_as_red(each) for each in part) for part in (seen.found, seen.truths))
    one = replace(seen, found=found, truths=truths)
    cells = [*values, float(np.mean(values))]
    any_state = average_precision(scored(one, frozenset({COLOURS[0]})))
    print(f"{title:24}{''.join(f'{value:8.3f}' for value in cells)}{any_state:12.3f}")


def _as_red(found: Detections) -> Detections:
    return Detections(found.boxes, found.confidence, np.full(len(found), COLOURS[0], np.int16))


def _crop_errors(source: EvaluationSet, roots: tuple[Path, ...], reader: LampStateReader) -> str:
    """Single heads whose boxes are given, so that the second look is judged alone."""
    wrong = total = 0
    for each in labelled_pictures(source, roots):
        windows = windows_of(each.truths.boxes)
        state = reader.read(cut_windows(each.picture, windows))[0, : NONE - 1].argmax()
        wrong += int(STATE_CLASS[state] != each.truths.class_id[0])
        total += 1
    return f"{wrong} of {total} single heads read wrongly"


def _cost_ms(lamps: LampRelease) -> float:
    reader = LampStateReader(lamps.graph())
    windows = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3), np.uint8)
    times: list[float] = []
    for _ in range(200):
        begin = time.process_time()
        reader.read(windows)
        times.append(time.process_time() - begin)
    return float(np.median(times[20:])) * 1000 / len(windows)


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--network")
    parser.add_argument("--weights", type=Path, default=WEIGHTS_FOLDER)
    parser.add_argument("--config", type=Path, default=Path("models/config/evaluate_v1.toml"))
    options = parser.parse_args(arguments)
    options.data = tuple(options.data)
    return options


if __name__ == "__main__":
    main()
