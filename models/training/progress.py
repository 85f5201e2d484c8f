"""How far a training is, as the file that lies beside its checkpoint says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

PROGRESS_NAME: Final = "progress.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is.

    Attributes:
        recipe: sha256 of its configuration file.
        steps_done: batches seen, those of the unfinished epoch included.
        seconds: of wall clock spent training so far, over all runs.
        epoch_steps, epoch_seconds: of them in the unfinished epoch.
        losses: sums over `epoch_steps` of the losses of box, class and distance.
        best_score: highest mean AP50 on the held pictures, seen after epoch `best_epoch` (from 0; -1: never measured).
    """

    recipe: str
    epochs_done: int = 0
    steps_done: int = 0
    seconds: float = 0.0
    epoch_steps: int = 0
    epoch_seconds: float = 0.0
    losses: tuple[float, ...] = (0.0, 0.0, 0.0)
    best_score: float = 0.0
    best_epoch: int = -1


def progress_from(text: str) -> Progress:
    """Read what `json.dumps(asdict(progress))` wrote."""
    fields = json.loads(text)
    return Progress(**{**fields, "losses": tuple(fields.get("losses", (0.0, 0.0, 0.0)))})
