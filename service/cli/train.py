"""`patrol train`: fine-tune the street network from a configuration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import MissingExtra

if TYPE_CHECKING:
    from models.train import EpochReport

console = Console(highlight=False)


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
    workers: Annotated[int, typer.Option(min=0, metavar="N", help="Processes that read and augment pictures.")] = 1,
    threads: Annotated[int, typer.Option(min=0, metavar="N", help="Threads of the arithmetic; 0: all cores.")] = 0,
) -> None:
    """Fine-tune the street network; continues where it was stopped."""
    from models.data.sources import read_recipe

    try:
        from models.train import train as run_training
    except ImportError as error:
        raise MissingExtra(f"training needs {error.name}", advice="pip install 'street-patrol[torch]'") from error
    recipe = read_recipe(config)
    recipe = replace(recipe, epochs=epochs or recipe.epochs)

    def show(line: EpochReport) -> None:
        console.print(
            f"epoch {line.epoch + 1}/{recipe.epochs}  box {line.box_loss:.3f}  class {line.cls_loss:.3f}  "
            f"{line.pictures_per_second:.1f} pictures/s  {line.seconds:.0f} s"
        )

    checkpoint = run_training(recipe, tuple(data), run, workers=workers, threads=threads, report=show)
    console.print(f"done: {checkpoint}\nnext: patrol export --checkpoint {checkpoint} --name NAME")
