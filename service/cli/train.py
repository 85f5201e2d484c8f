"""`patrol train`: fine-tune the street network from a configuration."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from models.errors import MissingExtra

if TYPE_CHECKING:
    from models.training.curves import CurvePoint

console = Console(highlight=False, markup=False)
COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())


def register(app: typer.Typer) -> None:
    app.command("train")(train)


def train(
    config: Annotated[Path, typer.Option(metavar="FILE", help="Training configuration (TOML).")],
    data: Annotated[
        list[Path],
        typer.Option(metavar="FOLDER", help="Folder that the configuration's paths are relative to; repeatable."),
    ],
    run: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the training lives; run again to continue it.")],
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Instead of the configuration's; a running training may be shortened so."
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="M", help="End properly after so much time of training, stops left out; not after epochs."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, metavar="N", help="Processes that read and augment pictures.")] = 1,
    threads: Annotated[int, typer.Option(min=0, metavar="N", help="Threads of the arithmetic; 0: all cores.")] = 0,
) -> None:
    """Fine-tune the street network; continues where it was stopped."""
    from models.data.sources import read_recipe

    try:
        from models.training.train import train as run_training
    except ImportError as error:
        raise MissingExtra(f"training needs {error.name}", advice="pip install 'street-patrol[torch]'") from error
    recipe = read_recipe(config)
    recipe = replace(recipe, epochs=epochs or recipe.epochs)

    with Progress(*COLUMNS, console=console) as bar:
        task = bar.add_task("training", total=1.0)
        checkpoint = run_training(
            recipe,
            tuple(data),
            run,
            minutes=minutes or 0.0,
            workers=workers,
            threads=threads,
            report=lambda point: bar.console.print(_line(point)),
            tick=lambda share: bar.update(task, completed=share),
        )
    typer.echo(f"done: {checkpoint}\nnext: patrol export --checkpoint {shlex.quote(str(checkpoint))} --name NAME")


def _line(point: CurvePoint) -> str:
    held = f"held AP50 {point.held.mean:.3f}  " if point.held else ""
    return (
        f"epoch {point.epoch + 1}  {point.share:.0%}  box {point.box_loss:.3f}  class {point.cls_loss:.3f}  {held}"
        f"{point.pictures_per_second:.1f} pictures/s  {point.seconds:.0f} s"
    )
