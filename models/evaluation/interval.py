"""95 % intervals by drawing whole scenes with replacement.

Neither the boxes of a picture nor the pictures of a scene are independent: cluster bootstrap, Field and Welsh 2007,
doi:10.1111/j.1467-9868.2007.00593.x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import Scored, average_precision, precision_recall

ROUNDS: Final = 400
NOTHING: Final = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision and recall at one threshold with their 95 % intervals; nan where they have no meaning."""

    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    false: int


def draws(group: NDArray[np.int64], rounds: int = ROUNDS, seed: int = 0) -> NDArray[np.float64]:
    """(rounds, pictures) how often each picture is drawn; the same for the same groups.

    Args:
        group: (pictures,) number of each picture's scene from 0; as many scenes are drawn as there are.
    """
    scenes = int(group.max(initial=-1)) + 1
    drawn = np.random.default_rng(seed).multinomial(scenes, np.full(scenes, 1 / scenes), size=rounds)
    return drawn[:, group].astype(np.float64)


def one_after_another(groups: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The group numbers of several sets as those of one: no scene is in two of them."""
    starts = np.cumsum([0, *(int(each.max(initial=-1)) + 1 for each in groups)])
    shifted = [each + start for each, start in zip(groups, starts, strict=False)]
    return np.concatenate(shifted) if shifted else np.zeros(0, np.int64)


def percentiles(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile of the values that are numbers; nan without any."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return NOTHING
    return float(np.percentile(finite, 2.5)), float(np.percentile(finite, 97.5))


def bootstrap(
    statistic: Callable[[NDArray[np.float64]], float], group: NDArray[np.int64], rounds: int = ROUNDS
) -> tuple[float, float]:
    """95 % interval of a statistic that takes (pictures,) weights."""
    return percentiles(np.array([statistic(weights) for weights in draws(group, rounds)]))


def interval(scored: Scored, rounds: int = ROUNDS) -> tuple[float, float]:
    """95 % interval of AP50; (nan, nan) without truths."""
    if not len(scored.truth_picture):
        return NOTHING
    return bootstrap(lambda weights: average_precision(scored, 0, weights), scored.group, rounds)


def precision_recall_intervals(scored: Scored, threshold: float, rounds: int = ROUNDS) -> Rates:
    """Precision and recall at IoU 0.5, counting from the threshold up."""
    precision, recall, false = precision_recall(scored, threshold)
    shown = scored.confidence >= threshold
    hit = shown & (scored.truth[0] >= 0)
    drawn = draws(scored.group, rounds)
    hits, found, truths = (
        drawn @ np.bincount(pictures, minlength=scored.pictures)
        for pictures in (scored.picture[hit], scored.picture[shown], scored.truth_picture)
    )
    return Rates(precision, percentiles(_ratio(hits, found)), recall, percentiles(_ratio(hits, truths)), false)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0), np.float64)
