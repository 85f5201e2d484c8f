"""How far a training is, as the file that lies beside its checkpoint says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRESS_NAME: Final = "progress.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is. `recipe` is the sha256 of its configuration file."""

    recipe: str
    epochs_done: int = 0
    steps_done: int = 0
    seconds: float = 0.0


def read_progress(folder: Path) -> Progress | None:
    """How far the training in `folder` is; None where there is none."""
    path = folder / PROGRESS_NAME
    return Progress(**json.loads(path.read_text("utf-8"))) if path.is_file() else None
