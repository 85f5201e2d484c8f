"""Fine-tune the street network: `patrol train`. Needs the extra `torch`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from models.data.dataset import StreetDataset
from models.data.merge import MergedSet, merge_sources
from models.data.paste import Heads, read_heads
from models.data.sources import Recipe, find_in_roots
from models.evaluation.sets import held_sets
from models.network import save_network
from models.training.curves import CurvePoint, add_point, draw_curves
from models.training.held import HeldScore, held_score, look_at_held
from models.training.held_pictures import draw_held
from models.training.lineage import LINEAGE_KEY, lineage_of
from models.training.loop import Training, prepare, run_epoch
from models.training.progress import Progress
from models.training.schedule import Schedule

AVERAGED_NAME: Final = "street.safetensors"
BEST_NAME: Final = "street-best.safetensors"
CURVES_NAME: Final = "curves.csv"


def train(
    recipe: Recipe,
    roots: tuple[Path, ...],
    run: Path,
    *,
    minutes: float = 0.0,
    workers: int = 1,
    threads: int = 0,
    report: Callable[[CurvePoint], None] | None = None,
    tick: Callable[[float], None] | None = None,
) -> Path:
    """Train to the end of the plan, continuing what lies in `run`, and return the averaged checkpoint.

    Args:
        minutes: of wall clock that the whole training may take (all runs of it together, merging the set apart),
            in place of the recipe's epochs.
        workers: processes that read and augment pictures.
        threads: of the arithmetic; 0 is torch's own choice. On a machine with other work one thread is faster than
            two, because both wait for the slower one after every layer.
        report: called after each epoch. tick: called after each step with the share done, 0..1.

    `run` holds the averaged weights (`street.safetensors`, float16) and, where the recipe measures on held pictures,
    those that were best there (`street-best.safetensors`), the curves as CSV and PNG, and the state to resume from,
    written every two minutes: a stop at any point loses no more, and the pictures after it are the same.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    if threads:
        torch.set_num_threads(threads)
    merged = merge_sources(recipe, roots, run / "set")
    if recipe.held_every:
        held_sets(merged.folder)  # says so now if there is nothing to measure on
    start = find_in_roots(recipe.start, roots)
    base = find_in_roots(recipe.base, roots)
    training = prepare(Schedule(recipe, 60 * minutes), start, lineage_of(start), base)
    progress = training.load(run)
    heads = read_heads(find_in_roots(recipe.heads, roots))
    pictures = _Pictures(merged, recipe, heads)
    while progress.epoch_steps or not training.schedule.over(progress):
        progress, point = _epoch(training, pictures, progress, run, workers, tick)
        if report:
            report(point)
    if recipe.held_every:
        draw_held(look_at_held(run / AVERAGED_NAME, merged.folder), run)
    return run / AVERAGED_NAME


class _Pictures:
    """The training's pictures, indexed once with mosaics and once without."""

    def __init__(self, merged: MergedSet, recipe: Recipe, heads: Heads) -> None:
        self._merged, self._recipe, self._heads = merged, recipe, heads
        self._dataset: tuple[bool, StreetDataset] | None = None

    def get(self, *, plain: bool) -> StreetDataset:
        if self._dataset is None or self._dataset[0] != plain:
            self._dataset = plain, StreetDataset(self._merged, self._recipe, self._heads, mosaic=not plain)
        return self._dataset[1]


def _epoch(
    training: Training,
    pictures: _Pictures,
    progress: Progress,
    run: Path,
    workers: int,
    tick: Callable[[float], None] | None,
) -> tuple[Progress, CurvePoint]:
    """Train one epoch, write everything about it, and start the next one."""
    schedule = training.schedule
    plain = schedule.is_plain(progress)
    dataset = pictures.get(plain=plain)
    progress = run_epoch(training, dataset, progress, run, plain=plain, workers=workers, tick=tick)
    done = replace(progress, epochs_done=progress.epochs_done + 1, epoch_steps=0, epoch_seconds=0.0, losses=(0.0,) * 3)
    save_network(training.average.ema, run / AVERAGED_NAME, _about(training, done))
    score, done = _measured(training, done, run)
    point = CurvePoint.of(progress, schedule, score)
    add_point(run / CURVES_NAME, point)
    training.save(run, done)
    draw_curves(run / CURVES_NAME)
    return done, point


def _measured(training: Training, progress: Progress, run: Path) -> tuple[HeldScore | None, Progress]:
    """Look at the held pictures if it is time to, and keep the weights if they are the best so far."""
    if not training.schedule.measured(progress):
        return None, progress
    begin = time.monotonic()
    score = held_score(look_at_held(run / AVERAGED_NAME, run / "set"))
    progress = replace(progress, seconds=progress.seconds + time.monotonic() - begin)
    if progress.best_epoch >= 0 and score.mean <= progress.best_score:
        return score, progress
    save_network(training.average.ema, run / BEST_NAME, _about(training, progress))
    return score, replace(progress, best_score=score.mean, best_epoch=progress.epochs_done - 1)


def _about(training: Training, progress: Progress) -> dict[str, str]:
    """What a checkpoint says about how it came to be."""
    lineage = training.before.extended(training.schedule, progress)
    return {LINEAGE_KEY: json.dumps(lineage.tables())}
