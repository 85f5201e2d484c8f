"""Whether a candidate may replace the network in use: compared on the same pictures, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.errors import PatrolError
from models.evaluation.evaluate import LEAST_TRUTHS, ClassOnSet
from models.evaluation.interval import draws, percentiles
from models.evaluation.measures import Measured, verdict
from models.evaluation.metrics import Scored, average_precision
from models.taxonomy import STREET_CLASSES

LOSS_FLOOR: Final = 0.010  # of int8 and bf16 against f32, mean AP50: what may be lost, and what is wanted
LOSS_AIM: Final = 0.005


class WorseNetwork(PatrolError):
    """A candidate loses on some class against the network in use."""

    code = "worse-network"


@dataclass(frozen=True, slots=True)
class Compared:
    """AP50 of both networks for one class.

    Attributes:
        set_name: empty for the mean over the class's sets.
        interval: 95 % of candidate - incumbent, paired: the same draw of scenes for both.
    """

    set_name: str
    class_name: str
    truths: int
    candidate: float
    incumbent: float
    interval: tuple[float, float]

    @property
    def difference(self) -> float:
        return self.candidate - self.incumbent

    @property
    def loses(self) -> bool:
        """The candidate is worse by more than chance explains: even the 97.5th percentile is below 0."""
        return self.interval[1] < 0


def compare(candidate: Sequence[ClassOnSet], incumbent: Sequence[ClassOnSet]) -> list[Compared]:
    """For each class one line per set with at least `LEAST_TRUTHS` boxes of it, then one for their mean.

    Both must have looked at the same sets. Of equal networks one class line in forty loses by chance.
    """
    rows: list[Compared] = []
    for class_id in range(len(STREET_CLASSES)):
        pairs = [
            (mine, theirs)
            for mine, theirs in zip(candidate, incumbent, strict=True)
            if mine.class_id == class_id and len(mine.scored.truth_picture) >= LEAST_TRUTHS
        ]
        rows += [_compared(mine.source.name, class_id, [(mine.scored, theirs.scored)]) for mine, theirs in pairs]
        if pairs:
            rows.append(_compared("", class_id, [(mine.scored, theirs.scored) for mine, theirs in pairs]))
    return rows


def refuse_losses(rows: Sequence[Compared]) -> None:
    """Pass a candidate that loses on no class in the mean over the class's sets.

    A single set on which a class loses is a warning: with some forty of them one would be refused by chance.

    Raises:
        WorseNetwork: a class loses by more than its interval.
    """
    lost = [f"{row.class_name} by {-row.difference:.3f}" for row in rows if not row.set_name and row.loses]
    if lost:
        raise WorseNetwork(f"refused, it loses on {', '.join(lost)}", advice="train on, or keep the network in use")


def mean_change(candidate: Sequence[ClassOnSet], incumbent: Sequence[ClassOnSet]) -> tuple[float, tuple[float, float]]:
    """Mean AP50 of the candidate less that of the incumbent, over all classes on all sets with enough boxes."""
    pairs = [
        (mine.scored, theirs.scored)
        for mine, theirs in zip(candidate, incumbent, strict=True)
        if len(mine.scored.truth_picture) >= LEAST_TRUTHS
    ]
    mine, theirs, change = _means(pairs)
    return mine - theirs, change


def precision_loss(precision: str, loss: float, interval: tuple[float, float]) -> Measured:
    """What a cheaper arithmetic costs in mean AP50, as a line of the numbers to reach."""
    return Measured(
        name=f"{precision} loss against f32, mean AP50",
        value=loss,
        interval=interval,
        floor=LOSS_FLOOR,
        aim=LOSS_AIM,
        reached=verdict(loss, LOSS_FLOOR, LOSS_AIM, less=True),
        note=f"all classes on all sets with at least {LEAST_TRUTHS} boxes",
    )


def _compared(set_name: str, class_id: int, pairs: list[tuple[Scored, Scored]]) -> Compared:
    mine, theirs, change = _means(pairs)
    truths = sum(len(each.truth_picture) for each, _ in pairs)
    return Compared(set_name, STREET_CLASSES[class_id], truths, mine, theirs, change)


def _means(pairs: list[tuple[Scored, Scored]]) -> tuple[float, float, tuple[float, float]]:
    values = np.array([[average_precision(each) for each in pair] for pair in pairs])
    differences = np.array([_drawn_differences(*pair) for pair in pairs])
    mine, theirs = values.mean(axis=0)
    return float(mine), float(theirs), percentiles(_mean_known(differences))


def _drawn_differences(mine: Scored, theirs: Scored) -> NDArray[np.float64]:
    """(rounds,) AP50 of the first less the second, each round on one draw of scenes."""
    return np.array(
        [average_precision(mine, 0, each) - average_precision(theirs, 0, each) for each in draws(mine.group)]
    )


def _mean_known(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over sets of each round; nan where a draw left a set without boxes of the class."""
    known = np.isfinite(differences)
    total = np.where(known, differences, 0).sum(axis=0)
    mean = np.divide(total, known.sum(axis=0), out=np.full(len(total), np.nan), where=known.any(axis=0))
    return np.asarray(mean, np.float64)
