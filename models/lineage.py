"""How a network came to be: every training since its starting point, and the data of them all.

A checkpoint carries its lineage in its header and a release in the manifest, as the same tables. A training adds a step
to the lineage of the checkpoint that it starts from.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from models.data.sources import Recipe, read_recipe
from models.errors import BadUse
from models.manifest import MANIFEST_NAME, read_manifest, sha256_of
from models.progress import PROGRESS_NAME, Progress, read_progress
from models.schedule import Schedule

LINEAGE_KEY: Final = "lineage"  # in a checkpoint's header


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """One training, as far as it had come when the checkpoint was written.

    Attributes:
        start: the checkpoint it started from, relative to a data root.
        seconds: of wall clock.
        start_share: of the starting checkpoint's weights in what was released (`models.blend`).
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
    """What a checkpoint's header says, or the manifest above it if that names this very file; else nothing.

    Releases up to street-v3 have it in the manifest only.
    """
    from models.network import read_about

    if text := read_about(checkpoint).get(LINEAGE_KEY):
        return lineage_from(json.loads(text))
    weights = checkpoint.resolve().parent.parent
    if not (weights / MANIFEST_NAME).is_file():
        return Lineage()
    entry = read_manifest(weights).get("networks", {}).get(checkpoint.resolve().parent.name, {})
    mine = entry.get("files", {}).get(checkpoint.name) == sha256_of(checkpoint)
    return lineage_from(entry) if mine else Lineage()


def lineage_by_config(checkpoint: Path, config: Path, weights: Path) -> Lineage:
    """Of a training's checkpoint that was written before headers held lineages.

    Its header says how many pictures it has seen and what it started from, whose own lineage is found in `weights`;
    the progress beside it says how long it took.

    Raises:
        BadUse: `config` is not the training's, or its progress is not beside the checkpoint.
    """
    from models.network import read_about

    about, recipe, progress = read_about(checkpoint), read_recipe(config), read_progress(checkpoint.parent)
    if about.get("recipe_sha256") != recipe.sha256:
        raise BadUse(f"{checkpoint} was trained by another configuration than {config}", advice="give its own")
    if progress is None or progress.recipe != recipe.sha256:
        raise BadUse(
            f"how long {checkpoint} was trained is not known", advice=f"keep its {PROGRESS_NAME} in the same folder"
        )
    start = weights / Path(recipe.start).parent.name / Path(recipe.start).name
    before = lineage_of(start) if start.is_file() else Lineage()
    seen = int(about["pictures_seen"]) // recipe.batch
    spent = progress.seconds * seen / max(progress.steps_done, 1)
    return before.extended(_plan(recipe, progress), replace(progress, steps_done=seen, seconds=spent))


def _plan(recipe: Recipe, progress: Progress) -> Schedule:
    """How long the training was to be, as far as its end tells: whole epochs, or a time in which none was whole."""
    epochs, rest = divmod(progress.steps_done, Schedule(recipe).steps_per_epoch())
    return Schedule(recipe, progress.seconds) if rest else Schedule(replace(recipe, epochs=epochs))
