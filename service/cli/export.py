"""`patrol export`: turn a trained checkpoint into a released network."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from models.errors import MissingExtra
from models.export.release import export_network, release_entry, trained_lineage
from models.export.tensorrt_engine import ENGINE_NAME, export_engine
from models.manifest import WEIGHTS_FOLDER
from models.manifest_write import update_network
from models.training.blend import blend, blended_lineage, start_of

console = Console(highlight=False, markup=False)


class Format(StrEnum):
    """What may be written beside the OpenVINO graph."""

    ONNX = "onnx"
    TENSORRT = "tensorrt"


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    checkpoint: Annotated[Path, typer.Option(metavar="FILE", help="Trained weights (.safetensors).")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the release, for example street-v7.")],
    start_share: Annotated[
        float,
        typer.Option(metavar="0..1", help="Mix in this much of the release that the training started from."),
    ] = 0.0,
    calibrate: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Folder of training pictures: also write int8; repeatable."),
    ] = None,
    held: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="RUN/set of the training: int8 keeps its AP50 within 0.005 on the pictures held out there.",
        ),
    ] = None,
    also: Annotated[
        list[Format] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Beside OpenVINO: onnx (listed in the manifest), tensorrt (for this machine's GPU only); repeatable.",
        ),
    ] = None,
    weights: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the manifest.")] = WEIGHTS_FOLDER,
    default: Annotated[
        bool, typer.Option("--default", metavar="", help="Make it the network that is used if none is named.")
    ] = False,
) -> None:
    """Write the OpenVINO graph, the float16 weights and the manifest entry with their hashes."""
    try:
        formats, lineage = set(also or ()), trained_lineage(checkpoint)
        with TemporaryDirectory() as folder:
            if start_share:
                mixed = Path(folder) / checkpoint.name
                blend(start_of(lineage, weights), checkpoint, start_share, mixed)
                checkpoint, lineage = mixed, blended_lineage(lineage, start_share)
            exported = export_network(
                checkpoint,
                weights / name,
                tuple(calibrate or ()),
                held=held,
                onnx=Format.ONNX in formats,
                lineage=lineage,
            )
            if Format.TENSORRT in formats:
                export_engine(checkpoint, exported.folder / ENGINE_NAME)
    except ImportError as error:
        raise MissingExtra(f"export needs {error.name}", advice="pip install 'street-patrol[torch]'") from error
    update_network(weights, name, release_entry(exported, lineage), default=default)
    console.print(f"{name}: {', '.join(sorted(exported.sha256))} in {exported.folder}")
    for step in lineage.training:
        console.print(f"{step.config}: {step.pictures_seen} pictures in {step.seconds} s")
    console.print("next: patrol evaluate network --config SETS.toml --data ROOT --tune")
