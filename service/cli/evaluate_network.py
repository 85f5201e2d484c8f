"""`patrol evaluate network`: measure a network on unseen pictures, and hold it against the one in use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from models.detector import Detector
from models.errors import BadUse
from models.evaluation.evaluate import ClassOnSet, Score, Seen, by_class, choose_thresholds, look_at, scores
from models.evaluation.gate import Compared, compare, mean_change, precision_loss, refuse_losses
from models.evaluation.measures import Measured, read_measures, take
from models.evaluation.networks import Candidate, load, named
from models.evaluation.report import page
from models.evaluation.report_json import calibration_of, plain
from models.evaluation.sets import EvaluationSet, count_pictures, held_sets, read_evaluation
from models.manifest import WEIGHTS_FOLDER, read_release
from models.manifest_write import threshold_table, update_network
from service.cli.evaluate_network_display import show_comparison, show_measures, show_scores
from service.cli.options import AsJson

err = Console(stderr=True, highlight=False)
SCORES_NAME = "scores.json"
PAGE_NAME = "index.html"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured of one network."""

    model: str
    seen: list[Seen]
    results: list[ClassOnSet]
    thresholds: NDArray[np.float32]
    rows: list[Score]
    measured: list[Measured]


def register(app: typer.Typer) -> None:
    app.command("network")(evaluate_network)


def evaluate_network(
    config: Annotated[Path, typer.Option(metavar="FILE", help="Evaluation sets and measures (TOML).")],
    data: Annotated[
        list[Path],
        typer.Option(metavar="FOLDER", help="Folder that the configuration's paths are relative to; repeatable."),
    ],
    network: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Released network (name or folder) or checkpoint; the manifest's default if not given."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Network in use: fail if the other loses to it on any class."),
    ] = None,
    backend: Annotated[str, typer.Option(metavar="NAME", help="auto, openvino or torch.")] = "auto",
    precision: Annotated[str, typer.Option(metavar="NAME", help="auto, f32, bf16 or int8 (OpenVINO).")] = "f32",
    weights: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the manifest.")] = WEIGHTS_FOLDER,
    tune: Annotated[
        bool, typer.Option("--tune", metavar="", help="Choose thresholds here and write them to the manifest.")
    ] = False,
    held: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="RUN/set of a training: choose thresholds on the pictures held out there, and take measures of them.",
        ),
    ] = None,
    losses: Annotated[
        bool, typer.Option("--losses", metavar="", help="Also measure what bf16 and int8 lose against f32.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write scores.json and a page of the worst mistakes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """AP50, AP50-95, precision and recall per class, set and box size, with 95 % bootstrap intervals over scenes."""
    candidate = named(network, weights)
    _check(candidate, precision, tune=tune, losses=losses)
    sets, roots, measures = read_evaluation(config), tuple(data), read_measures(config)
    detector = load(candidate, backend, precision)  # type: ignore[arg-type]
    seen = _look(detector, sets, roots)
    kept = _look(detector, held_sets(held), roots) if held else []
    results = by_class(seen)
    thresholds = detector.thresholds
    if tune or held or candidate.checkpoint:
        thresholds = choose_thresholds(by_class(kept or seen))
    measured = take(measures, [*seen, *kept], thresholds)
    if losses:
        measured += [_loss(candidate, each, results, sets, roots) for each in ("bf16", "int8")]
    found = Evaluation(detector.model_id, seen, results, thresholds, scores(results, thresholds), measured)
    if tune:
        _write_manifest(found, candidate)
    compared: list[Compared] = []
    if against:
        incumbent = load(named(against, weights), backend, precision)  # type: ignore[arg-type]
        compared = compare(results, by_class(_look(incumbent, sets, roots)))
    _give(found, compared, out, as_json=as_json)
    refuse_losses(compared)


def _check(candidate: Candidate, precision: str, *, tune: bool, losses: bool) -> None:
    """Raises `BadUse` before anything is looked at."""
    if tune and candidate.checkpoint:
        raise BadUse(
            "a checkpoint has no manifest entry", advice="patrol export first; its thresholds are chosen anyway"
        )
    if losses and (precision != "f32" or candidate.checkpoint):
        raise BadUse("--losses compares a release with its own f32", advice="leave out --precision")


def _look(detector: Detector, sets: tuple[EvaluationSet, ...], roots: tuple[Path, ...]) -> list[Seen]:
    seen = []
    for source in sets:
        walk = iter(track(range(count_pictures(source, roots)), escape(source.name), console=err))
        seen.append(look_at(detector, source, roots, advance=lambda walk=walk: next(walk, None)))  # type: ignore[misc]
        next(walk, None)
    return seen


def _loss(
    candidate: Candidate,
    precision: str,
    results: list[ClassOnSet],
    sets: tuple[EvaluationSet, ...],
    roots: tuple[Path, ...],
) -> Measured:
    other = by_class(_look(load(candidate, "openvino", precision), sets, roots))  # type: ignore[arg-type]
    return precision_loss(precision, *mean_change(results, other))


def _write_manifest(found: Evaluation, candidate: Candidate) -> None:
    name = read_release(candidate.release, candidate.weights).name
    changes = {
        "thresholds": threshold_table(found.thresholds),
        "metrics": [plain(row) for row in found.rows if not row.bucket],
        "measures": [plain(each) for each in found.measured],
    }
    update_network(candidate.weights, name, changes)


def _give(found: Evaluation, compared: list[Compared], out: Path | None, *, as_json: bool) -> None:
    report = {
        "model": found.model,
        "thresholds": threshold_table(found.thresholds),
        "measures": plain(found.measured),
        "scores": plain(found.rows),
        "calibration": plain(calibration_of(found.results)),
        "against": plain(compared),
    }
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / SCORES_NAME).write_text(json.dumps(report, indent=1) + "\n", "utf-8")
        text = page(found.model, found.seen, found.results, found.rows, found.measured, found.thresholds)
        (out / PAGE_NAME).write_text(text, "utf-8")
    if as_json:
        typer.echo(json.dumps(report))
        return
    show_scores(found.model, found.rows)
    show_measures(found.measured)
    show_comparison(compared)
