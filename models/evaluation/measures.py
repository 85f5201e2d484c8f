"""What the street network is held to, each measure one line of a configuration: `[[measure]]`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.configuration import configuration
from models.detections import Detections
from models.evaluation.evaluate import Seen, scored
from models.evaluation.found import Spots, find_spots, recall_at_false, recall_at_precision
from models.evaluation.interval import bootstrap, one_after_another
from models.evaluation.metrics import Scored, average_precision
from models.taxonomy import CLASS_ID

Kind = Literal["mean_ap50", "spots", "recall_at_false", "false_pictures", "state_errors"]
LESS_IS_BETTER: Final = frozenset({"false_pictures", "state_errors"})


@dataclass(frozen=True, slots=True)
class Measure:
    """One number to reach.

    Attributes:
        sets: where it is taken; of several the mean, each counting alike.
        kind: `mean_ap50`: mean over the classes that have boxes in the set. `spots`: recall of the classes taken
            together (see `find_spots`) at a precision of at least `precision`. `recall_at_false`: share of the boxes
            of `size` found with the right class, at IoU `iou`, at the threshold (one for all classes) with
            `false_per_picture`; false is every box without a label of its class. `false_pictures`: how many pictures
            have a box of the classes at its shipped threshold. `state_errors`: in how many pictures the surest box of
            the classes is not the labelled one, or is missing.
        floor, aim: the least to ship, and what is wanted; nan: not set.
        size: longer side in pixels as the network sees it.
    """

    name: str
    kind: Kind
    sets: tuple[str, ...]
    classes: tuple[int, ...]
    floor: float = float("nan")
    aim: float = float("nan")
    precision: float = 0.85
    false_per_picture: float = 1.0
    size: tuple[float, float] = (0.0, float("inf"))
    iou: float = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure's value with its 95 % bootstrap interval over scenes.

    Attributes:
        reached: `aim`, `floor`, or `below` the floor; empty where neither is set.
        note: what the number rests on.
    """

    name: str
    value: float
    interval: tuple[float, float]
    floor: float
    aim: float
    reached: str
    note: str


# (pictures,) weights -> value
Statistic = Callable[[NDArray[np.float64]], float]


def read_measures(path: Path) -> tuple[Measure, ...]:
    """The `[[measure]]` tables of an evaluation configuration, which may have none.

    Raises:
        BadUse: no such file, not TOML, or something in it that is not known.
    """
    advice = f"each [[measure]] takes a name, a kind ({', '.join(get_args(Kind))}), a set and classes"
    with configuration(path, advice=advice) as content:
        return tuple(_measure(entry) for entry in content.tables.get("measure", ()))


def take(measures: Sequence[Measure], seen: Sequence[Seen], thresholds: NDArray[np.float32]) -> list[Measured]:
    """The measures whose sets were looked at."""
    by_name = {each.source.name: each for each in seen}
    possible = [each for each in measures if by_name.keys() >= set(each.sets)]
    return [_take(each, [by_name[name] for name in each.sets], thresholds) for each in possible]


def verdict(value: float, floor: float, aim: float, *, less: bool) -> str:
    """Whether a value reaches its `aim`, its `floor` or is `below` the floor; empty where nothing is asked."""
    if np.isnan(value) or (np.isnan(floor) and np.isnan(aim)):
        return ""
    sign = -1 if less else 1
    if sign * value >= sign * aim:
        return "aim"
    return "floor" if sign * value >= sign * floor else "below"


def false_pictures(seen: Seen, classes: tuple[int, ...], thresholds: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(pictures,) True where something of the classes is reported at its shipped threshold."""
    return np.array(
        [bool((_of(each, classes).confidence >= _least(each, classes, thresholds)).any()) for each in seen.found]
    )


def state_errors(seen: Seen, classes: tuple[int, ...]) -> NDArray[np.bool_]:
    """(pictures,) True where the surest box of the classes is of another class than the picture's only label."""
    wrong = []
    for found, truths in zip(seen.found, seen.truths, strict=True):
        lights = _of(found, classes)
        wrong.append(not len(lights) or lights.class_id[lights.confidence.argmax()] != truths.class_id[0])
    return np.array(wrong, np.bool_)


def spots(seen: Seen, classes: tuple[int, ...]) -> Spots:
    """The detections and truths of the classes, taken together as one."""
    right, found_at, confidence, picture, truth_picture = [], [], [], [], []
    for index, (found, truths) in enumerate(zip(seen.found, seen.truths, strict=True)):
        mine, there = _of(found, classes), _of(truths, classes)
        hits, at = find_spots(mine.boxes, mine.confidence, there.boxes)
        right.append(hits)
        found_at.append(at)
        confidence.append(mine.confidence)
        picture.append(np.full(len(mine), index, np.int64))
        truth_picture.append(np.full(len(there), index, np.int64))
    return Spots(
        confidence=np.concatenate(confidence),
        right=np.concatenate(right),
        picture=np.concatenate(picture),
        found_at=np.concatenate(found_at),
        truth_picture=np.concatenate(truth_picture),
        pictures=len(seen),
    )


def _take(measure: Measure, seen: list[Seen], thresholds: NDArray[np.float32]) -> Measured:
    statistics, notes = zip(*(_STATISTICS[measure.kind](measure, each, thresholds) for each in seen), strict=True)
    group, ends = one_after_another([each.group for each in seen]), np.cumsum([len(each) for each in seen])[:-1]

    def statistic(weights: NDArray[np.float64]) -> float:
        parts = np.split(weights, ends)
        return _mean_known([each(part) for each, part in zip(statistics, parts, strict=True)])

    value = statistic(np.ones(len(group)))
    return Measured(
        name=measure.name,
        value=value,
        interval=bootstrap(statistic, group),
        floor=measure.floor,
        aim=measure.aim,
        reached=verdict(value, measure.floor, measure.aim, less=measure.kind in LESS_IS_BETTER),
        note="; ".join(notes),
    )


def _mean_ap50(measure: Measure, seen: Seen, _: NDArray[np.float32]) -> tuple[Statistic, str]:
    each_class = [scored(seen, frozenset({each})) for each in measure.classes]
    with_boxes = [each for each in each_class if len(each.truth_picture)]
    boxes = sum(len(each.truth_picture) for each in with_boxes)
    return partial(_mean, with_boxes), f"{len(with_boxes)} classes, {boxes} boxes in {len(seen)} pictures"


def _mean(each_class: list[Scored], weights: NDArray[np.float64]) -> float:
    return _mean_known([average_precision(each, 0, weights) for each in each_class])


def _mean_known(values: list[float]) -> float:
    known = [each for each in values if np.isfinite(each)]
    return float(np.mean(known)) if known else float("nan")


def _spots(measure: Measure, seen: Seen, _: NDArray[np.float32]) -> tuple[Statistic, str]:
    found = spots(seen, measure.classes)
    threshold = recall_at_precision(found, measure.precision)[1]
    note = f"{len(found.found_at)} spots in {len(seen)} pictures, at confidence {threshold:.2f}"
    return lambda weights: recall_at_precision(found, measure.precision, weights)[0], note


def _recall_at_false(measure: Measure, seen: Seen, _: NDArray[np.float32]) -> tuple[Statistic, str]:
    found = scored(seen, frozenset(measure.classes), np.array([measure.iou]))
    threshold = recall_at_false(found, measure.false_per_picture, measure.size)[1]
    inside = (found.truth_size >= measure.size[0]) & (found.truth_size < measure.size[1])
    note = f"{int(inside.sum())} boxes in {len(seen)} pictures, IoU {measure.iou}, at confidence {threshold:.2f}"
    return lambda weights: recall_at_false(found, measure.false_per_picture, measure.size, weights)[0], note


def _false_pictures(measure: Measure, seen: Seen, thresholds: NDArray[np.float32]) -> tuple[Statistic, str]:
    false = false_pictures(seen, measure.classes, thresholds)
    return lambda weights: float(weights @ false), f"of {len(seen)} pictures, at the shipped thresholds"


def _state_errors(measure: Measure, seen: Seen, _: NDArray[np.float32]) -> tuple[Statistic, str]:
    wrong = state_errors(seen, measure.classes)
    missing = sum(not len(_of(each, measure.classes)) for each in seen.found)
    return lambda weights: float(weights @ wrong), f"of {len(seen)} pictures, in {missing} nothing was found"


_STATISTICS: Final[dict[Kind, Callable[[Measure, Seen, NDArray[np.float32]], tuple[Statistic, str]]]] = {
    "mean_ap50": _mean_ap50,
    "spots": _spots,
    "recall_at_false": _recall_at_false,
    "false_pictures": _false_pictures,
    "state_errors": _state_errors,
}


def _of(detections: Detections, classes: tuple[int, ...]) -> Detections:
    return detections.of(frozenset(classes))


def _least(detections: Detections, classes: tuple[int, ...], thresholds: NDArray[np.float32]) -> NDArray[np.float32]:
    return thresholds[_of(detections, classes).class_id]


def _measure(entry: dict[str, Any]) -> Measure:
    options = dict(entry)
    if options["kind"] not in get_args(Kind):
        raise ValueError(f"no kind of measure called '{options['kind']}'")
    sets = options.pop("set")
    options["sets"] = (sets,) if isinstance(sets, str) else tuple(sets)
    options["classes"] = tuple(CLASS_ID[each] for each in options["classes"])
    if "size" in options:
        options["size"] = tuple(float(each) for each in options["size"])
    return Measure(**options)
