"""How a network came to be: every training since its starting point, and the data of them all.

A checkpoint carries its lineage in its header and a release in the manifest, as the same tables. A training adds a step
to the lineage of the checkpoint that it starts from.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from models.training.progress import Progress
from models.training.schedule import Schedule

LINEAGE_KEY: Final = "lineage"  # in a checkpoint's header


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """One training, as far as it had come when the checkpoint was written.

    Attributes:
        start: the checkpoint it started from, relative to a data root.
        seconds: of wall clock.
        start_share: of the starting checkpoint's weights in what was released (`models.training.blend`).
    """

    config: str
    config_sha256: str
    command: str
    start: str
    pictures_seen: int
    seconds: int
    start_share: float = 0.0


@dataclass(frozen=True, slots=True)
class DataSource:
    """Pictures that were learnt from; the folder is relative to a data root."""

    name: str
    folder: str
    licence: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Trainings, the earliest first, and the sources of them all, each once."""

    training: tuple[TrainingStep, ...] = ()
    data: tuple[DataSource, ...] = ()

    def extended(self, schedule: Schedule, progress: Progress) -> Lineage:
        """With one more training, which is at `progress`."""
        recipe = schedule.recipe
        length = f"--minutes {round(schedule.budget / 60, 1):g}" if schedule.budget else f"--epochs {recipe.epochs}"
        step = TrainingStep(
            config=recipe.file,
            config_sha256=recipe.sha256,
            command=f"patrol train --config models/config/{recipe.file} --data ROOT --run RUN {length}",
            start=recipe.start,
            pictures_seen=progress.steps_done * recipe.batch,
            seconds=round(progress.seconds),
        )
        mine = (DataSource(each.name, each.folder, each.licence) for each in recipe.sources)
        return Lineage((*self.training, step), tuple(dict.fromkeys((*self.data, *mine))))

    def tables(self) -> dict[str, Any]:
        """As the manifest and a checkpoint's header hold it; `lineage_from` reads it."""
        return {"training": [asdict(each) for each in self.training], "data": [asdict(each) for each in self.data]}


def lineage_from(tables: dict[str, Any]) -> Lineage:
    """What `Lineage.tables` wrote, also among other tables."""
    return Lineage(
        tuple(TrainingStep(**each) for each in tables.get("training", ())),
        tuple(DataSource(**each) for each in tables.get("data", ())),
    )


def lineage_of(checkpoint: Path) -> Lineage:
    """What a checkpoint's header says; nothing if it does not tell. Raises `BadUse` where it cannot be read."""
    from models.network import read_about

    return lineage_from(json.loads(read_about(checkpoint).get(LINEAGE_KEY, "{}")))
