"""`patrol evaluate clips`: incidents, rest, lamps, places and speeds against labelled real footage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from models.errors import BadUse
from models.evaluation.report_json import plain
from models.store import load_detector
from pipelines.evaluation.clip_sites import read_sites
from pipelines.evaluation.clip_truth import read_clips
from pipelines.evaluation.clips import ClipScore, DriveScore, score_clip, score_drive
from pipelines.evaluation.contact_sheet import sheets, write_sheets
from pipelines.evaluation.drive_truth import DriveTruth, read_drives
from pipelines.evaluation.logs import FreshLogs, Logs, ScannedLogs
from pipelines.evaluation.report import Report, report
from pipelines.evidence.frames import Footage
from service.cli.evaluate_clips_display import show_report
from service.cli.options import AsJson

SCORES_NAME = "scores.json"

err = Console(stderr=True, highlight=False, markup=False)


def register(app: typer.Typer) -> None:
    app.command("clips")(evaluate_clips)


def evaluate_clips(
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="Clips with events.csv, lights.csv, windows.csv ...")],
    drives: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Drives with measured places, speeds and rest.")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Score the logs of a scan that has this home; else the videos are watched."
        ),
    ] = None,
    network: Annotated[
        str | None, typer.Option(metavar="NAME", help="Released network to watch with; the manifest's default if none.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write scores.json and contact sheets of all mistakes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recall of what is labelled, precision where the labels are complete, and every mistake as a picture.

    Rules judge anew with the stop lines and lamps of the clips' sites.csv. docs/evaluation.md says what is counted how.
    """
    if home is not None and network is not None:
        raise BadUse("--network: the logs of a scan were made already", advice="leave out --home or --network")
    clips, known, driven = read_clips(data), read_sites(data), [] if drives is None else read_drives(drives)
    logs: Logs = ScannedLogs(home) if home is not None else _fresh(network, driven)
    of_clips = [
        score_clip(truth, logs.of(truth.video)[0], known.get(truth.name))
        for truth in track(clips, "clips", console=err)
    ]
    of_drives = [
        score_drive(truth, log) for truth in track(driven, "drives", console=err) for log in logs.of(truth.video)
    ]
    found = report(of_clips, of_drives)
    if out is not None:
        _write(out, found, of_clips, of_drives)
    if as_json:
        typer.echo(json.dumps(plain(found), ensure_ascii=False))
    else:
        show_report(found)
        err.print(
            f"pictures of the mistakes: {out}" if out else "next: the same with --out FOLDER, to see the mistakes"
        )


def _fresh(network: str | None, drives: Sequence[DriveTruth]) -> FreshLogs:
    return FreshLogs(load_detector(network), {truth.video: truth.optics for truth in drives})


def _write(out: Path, found: Report, clips: Sequence[ClipScore], drives: Sequence[DriveScore]) -> None:
    footage = {clip.truth.name: Footage(clip.log, (clip.truth.video,)) for clip in clips}
    footage |= {drive.truth.name: Footage(drive.log, (drive.truth.video,)) for drive in drives}
    write_sheets(out, sheets(found.mistakes, footage))
    text = json.dumps(plain(found), ensure_ascii=False, indent=1)
    (out / SCORES_NAME).write_text(text + "\n", encoding="utf-8")
