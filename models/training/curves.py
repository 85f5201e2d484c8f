"""How a training went, epoch by epoch: `curves.csv`, and the same drawn as `curves.png`."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.taxonomy import STREET_CLASSES
from models.training.held import HeldScore
from models.training.progress import Progress
from models.training.schedule import Schedule

LOSSES: Final = ("box_loss", "cls_loss", "l1_loss")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One epoch: mean losses, what it took, and how well the averaged weights see the held pictures after it.

    Attributes:
        share: of the plan done at its end, 0..1.
        held: None where they were not looked at after this epoch.
    """

    epoch: int
    share: float
    learning_rate: float
    box_loss: float
    cls_loss: float
    l1_loss: float
    pictures_per_second: float
    seconds: float
    held: HeldScore | None = None

    @classmethod
    def of(cls, progress: Progress, schedule: Schedule, held: HeldScore | None) -> CurvePoint:
        """The point of the epoch that has just ended with this progress."""
        steps, seconds = max(progress.epoch_steps, 1), max(progress.epoch_seconds, 1e-9)
        box, classes, distance = (each / steps for each in progress.losses)
        return cls(
            epoch=progress.epochs_done,
            share=schedule.share(progress),
            learning_rate=schedule.learning_rate(progress),
            box_loss=box,
            cls_loss=classes,
            l1_loss=distance,
            pictures_per_second=progress.epoch_steps * schedule.recipe.batch / seconds,
            seconds=seconds,
            held=held,
        )

    def row(self) -> dict[str, str]:
        values = {name: getattr(self, name) for name in NUMBERS}
        ap50 = self.held.ap50 if self.held else (float("nan"),) * len(STREET_CLASSES)
        values |= {f"ap50_{name}": value for name, value in zip(STREET_CLASSES, ap50, strict=True)}
        values["ap50_mean"] = self.held.mean if self.held else float("nan")
        return {"epoch": str(self.epoch)} | {name: _text(value) for name, value in values.items()}


NUMBERS: Final = ("share", "learning_rate", *LOSSES, "pictures_per_second", "seconds")


def add_point(path: Path, point: CurvePoint) -> None:
    """Write the curve up to this epoch; later lines, of a run that was stopped before it saved its state, go."""
    rows = [row for row in read_rows(path) if int(row["epoch"]) < point.epoch]
    mine = point.row()
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(mine), restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows([*rows, mine])
    partial.replace(path)


def read_rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def draw_curves(path: Path) -> Path:
    """Draw a `curves.csv` as a PNG beside it: losses, learning rate, AP50 per class on the held pictures."""
    from matplotlib.figure import Figure

    rows = read_rows(path)
    figure = Figure(figsize=(15, 5), layout="constrained")
    losses, rate, held = figure.subplots(1, 3)
    _lines(losses, rows, ("box_loss", "cls_loss"), "loss of the one-to-many head")
    _lines(rate, rows, ("learning_rate",), "learning rate at the epoch's end")
    _lines(held, rows, (*(f"ap50_{name}" for name in STREET_CLASSES), "ap50_mean"), "AP50 on held pictures")
    held.set_ylim(0, 1)
    target = path.with_suffix(".png")
    figure.savefig(target, dpi=90)
    return target


def _lines(axes: object, rows: list[dict[str, str]], names: tuple[str, ...], title: str) -> None:
    for index, name in enumerate(names):
        points = [(int(row["epoch"]) + 1, float(row[name])) for row in rows if row.get(name)]
        if points:
            style = "k" if name == "ap50_mean" else f"C{index % 10}" + ("--" if index >= 10 else "")
            axes.plot(*zip(*points, strict=True), style, marker=".", label=name.removeprefix("ap50_"))  # type: ignore[attr-defined]
            axes.legend(fontsize=7)  # type: ignore[attr-defined]
    axes.set_title(title)  # type: ignore[attr-defined]
    axes.set_xlabel("epoch")  # type: ignore[attr-defined]
    axes.grid(alpha=0.3)  # type: ignore[attr-defined]


def _text(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
