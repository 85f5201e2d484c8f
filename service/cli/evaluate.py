"""`patrol evaluate`: measure a released network on pictures it was not trained on."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.evaluate import (
    ClassOnSet,
    Score,
    choose_thresholds,
    count_pictures,
    look_at,
    read_evaluation,
    scores,
)
from models.manifest import WEIGHTS_FOLDER, read_release
from models.manifest_write import threshold_table, update_network
from models.store import load_detector

console = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command("evaluate")(evaluate)


def evaluate(
    config: Annotated[Path, typer.Option(metavar="FILE", help="Evaluation sets (TOML).")],
    data: Annotated[
        list[Path],
        typer.Option(metavar="FOLDER", help="Folder that the configuration's paths are relative to; repeatable."),
    ],
    network: Annotated[
        str | None, typer.Option(metavar="NAME", help="Released network; the manifest's default if not given.")
    ] = None,
    backend: Annotated[str, typer.Option(metavar="NAME", help="auto, openvino or torch.")] = "auto",
    precision: Annotated[str, typer.Option(metavar="NAME", help="auto, f32, bf16 or int8 (OpenVINO).")] = "auto",
    weights: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the manifest.")] = WEIGHTS_FOLDER,
    tune: Annotated[
        bool, typer.Option("--tune", metavar="", help="Choose thresholds here and write them to the manifest.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write all scores to this JSON file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print JSON instead of tables.")] = False,
) -> None:
    """AP50, AP50-95, precision and recall per class, set and box size, with 95 % bootstrap intervals."""
    detector = load_detector(network, backend, precision, weights=weights)  # type: ignore[arg-type]
    results: list[ClassOnSet] = []
    for source in read_evaluation(config):
        steps = track(range(count_pictures(source, tuple(data))), source.name, console=err)
        walk = iter(steps)
        results += look_at(detector, source, tuple(data), advance=lambda walk=walk: next(walk, None))  # type: ignore[misc]
        next(walk, None)
    thresholds = choose_thresholds(results) if tune else detector.thresholds
    rows = scores(results, thresholds)
    if tune:
        name = read_release(network, weights).name
        changes = {
            "thresholds": threshold_table(thresholds),
            "metrics": [_plain(row) for row in rows if not row.bucket],
        }
        update_network(weights, name, changes)
    report = {"model": detector.model_id, "scores": [_plain(row) for row in rows]}
    if output:
        output.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    if as_json:
        typer.echo(json.dumps(report))
        return
    _show(detector.model_id, rows)


def _show(model_id: str, rows: list[Score]) -> None:
    table = Table(title=model_id)
    for heading in (
        "set",
        "class",
        "size px",
        "boxes",
        "AP50",
        "95 %",
        "AP50-95",
        "threshold",
        "P",
        "R",
        "false/picture",
    ):
        table.add_column(heading, justify="left" if heading in ("set", "class") else "right")
    for row in rows:
        table.add_row(
            row.set_name, row.class_name, _bucket(row), str(row.truths), _number(row.ap50),
            f"{_number(row.interval50[0])}-{_number(row.interval50[1])}", _number(row.ap), f"{row.threshold:.2f}",
            _number(row.precision), _number(row.recall), f"{row.false_per_picture:.2f}",
        )  # fmt: skip
    console.print(table)


def _bucket(row: Score) -> str:
    if row.bucket is None:
        return "all"
    low, high = row.bucket
    return f"{low:.0f}+" if math.isinf(high) else f"{low:.0f}-{high:.0f}"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _plain(row: Score) -> dict[str, Any]:
    """A score as JSON and TOML can hold it: no nan, no infinity; what has no meaning is left out."""
    plain: dict[str, Any] = {}
    for key, value in asdict(row).items():
        values = list(value) if isinstance(value, tuple) else value
        if key == "bucket" and value is not None:
            values = [each for each in value if math.isfinite(each)]
        numbers = values if isinstance(values, list) else [values]
        if value is None or any(isinstance(each, float) and not math.isfinite(each) for each in numbers):
            continue
        plain[key] = _rounded(values)
    return plain


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
