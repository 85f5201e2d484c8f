"""When a training is how far, how fast it learns there, and when it is over: pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from models.data.sources import Recipe
from models.training.progress import Progress

LAST_RATE: Final = 0.01  # of the recipe's learning rate, at the end
ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of a training: so many epochs or, with a budget, so many seconds.

    With a budget the whole plan (falling rate, plain epochs at the end) is stretched over the time, however many
    pictures the machine manages in it; the recipe's epochs then only say which share of it is plain.
    """

    recipe: Recipe
    budget: float = 0.0

    def steps_per_epoch(self) -> int:
        return max(1, self.recipe.epoch_pictures // self.recipe.batch)

    def share(self, progress: Progress) -> float:
        """How much of the plan is done, 0..1."""
        if self.budget:
            return min(progress.seconds / self.budget, 1.0)
        return min(progress.steps_done / (self.recipe.epochs * self.steps_per_epoch()), 1.0)

    def learning_rate(self, progress: Progress) -> float:
        """Linear warm-up, then a cosine down to a hundredth of the recipe's rate."""
        warm = min(1.0, (progress.steps_done + 1) / max(self.recipe.warm_up_steps, 1))
        cosine = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * self.share(progress)))
        return self.recipe.learning_rate * warm * cosine

    def is_plain(self, progress: Progress) -> bool:
        """Whether mosaics are over: the network ends on pictures as they are."""
        return self.share(progress) >= 1 - self.recipe.plain_epochs / self.recipe.epochs - ROUNDING

    def epoch_over(self, progress: Progress, *, plain: bool) -> bool:
        """Whether the epoch that began as a plain one or not ends here; the end of mosaics and of time end it early."""
        full = progress.epoch_steps >= self.steps_per_epoch()
        return full or self.share(progress) >= 1.0 or self.is_plain(progress) != plain

    def over(self, progress: Progress) -> bool:
        """Whether the training ends here, by plan or because it has not got better for the recipe's patience."""
        patience = self.recipe.patience
        stuck = 0 < patience <= progress.epochs_done - 1 - progress.best_epoch and progress.best_epoch >= 0
        return stuck or self.share(progress) >= 1.0

    def measured(self, progress: Progress) -> bool:
        """Whether the held pictures are looked at after the epoch that has just ended."""
        every = self.recipe.held_every
        return every > 0 and (progress.epochs_done % every == 0 or self.share(progress) >= 1.0)
