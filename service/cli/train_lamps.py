"""`patrol train-lamps`: train and release the small network that reads what signal heads show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import MissingExtra
from models.lamp_state.recipe import read_lamp_recipe
from models.manifest import WEIGHTS_FOLDER
from models.manifest_write import update_lamp_states, update_network
from models.store import load_detector

if TYPE_CHECKING:
    from models.lamp_state.train import LampReport

console = Console(highlight=False, markup=False)


def register(app: typer.Typer) -> None:
    app.command("train-lamps")(train_lamps)


def train_lamps(
    config: Annotated[Path, typer.Option(metavar="FILE", help="Training configuration (TOML).")],
    data: Annotated[
        list[Path],
        typer.Option(metavar="FOLDER", help="Folder that the configuration's paths are relative to; repeatable."),
    ],
    run: Annotated[Path, typer.Option(metavar="FOLDER", help="Where checkpoint and curves are written.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the release, for example lamp-state-v1.")],
    network: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Released street network that is to use it; repeatable.")
    ] = None,
    weights: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the manifest.")] = WEIGHTS_FOLDER,
) -> None:
    """Train the lamp state network from scratch (minutes on one core) and release it.

    What the manifest's default street network takes for heads in streets without any is learnt as none.
    """
    try:
        from models.lamp_state.export import export_lamps, lamp_entry
        from models.lamp_state.train import train_lamps as run_training
    except ImportError as error:
        raise MissingExtra(f"training needs {error.name}", advice="pip install 'street-patrol[torch]'") from error
    recipe = read_lamp_recipe(config)
    detector = load_detector(precision="f32", weights=weights, lamps=False)
    checkpoint = run_training(recipe, tuple(data), run, detector, _show)
    update_lamp_states(weights, name, lamp_entry(export_lamps(checkpoint, weights / name), config, recipe, detector))
    for each in network or ():
        update_network(weights, each, {"lamp_state": name})
    console.print(f"{name}: in {weights / name}\nnext: patrol evaluate network --config SETS.toml --data ROOT --tune")


def _show(line: LampReport) -> None:
    right = " / ".join(f"{share:.3f}" for share in line.right)
    console.print(f"epoch {line.epoch + 1}  loss {line.loss:.3f}  state right {right}  {line.seconds:.0f} s")
