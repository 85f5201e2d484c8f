"""`patrol scan`: from folders of footage to incidents in the database, or on a server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, get_args
from urllib.parse import urlsplit

import typer
from rich.console import Console

from models.errors import BadUse
from pipelines.batch.released_detector import ReleasedDetector
from pipelines.batch.run import BatchOptions, BatchReport, Sink, run_batch
from pipelines.batch.spool import SpoolSink, spool_for
from pipelines.errors import RefusedError
from pipelines.evidence.store import EvidenceStore
from pipelines.incident import Kind
from pipelines.judge import JUDGED_KINDS
from service.cli.options import DatabaseUrl, Home, settings_of
from service.cli.scan_display import shown
from service.cli.scan_summary import Ending, print_summary, to_json
from service.client import HttpSink
from service.counts import count
from service.database import Database, open_database
from service.filters import IncidentFilters
from service.ledger import DatabaseLedger
from service.settings import Settings
from service.sink import DatabaseSink
from vision.footage.files import find_videos
from vision.gps.track import Datum

SOME_FAILED = 3
SOME_WAIT = 4
INTERRUPTED = 130

Inputs = Annotated[
    list[str], typer.Argument(help="Videos, folders (searched recursively) or globs.", show_default=False)
]
Place = Annotated[
    str | None, typer.Option(metavar="NAME", help="Name of the place where neither GPS nor a site file tells it.")
]
SiteFile = Annotated[
    Path | None,
    typer.Option(
        "--site", metavar="FILE", help="Site file for all videos; else <video>.site.toml or site.toml beside."
    ),
]
RegionFile = Annotated[
    Path | None, typer.Option("--region", metavar="FILE", help="No-parking areas on the map (GeoJSON).")
]
Camera = Annotated[
    str | None, typer.Option(metavar="NAME", help="Name of the camera; else folder and file names tell.")
]
Kinds = Annotated[
    list[Kind] | None,
    typer.Option("--kind", metavar="KIND", help=f"Look for this kind only; repeatable: {', '.join(JUDGED_KINDS)}."),
]
Server = Annotated[
    str | None, typer.Option(metavar="URL", help="Send to this service, not into the embedded database.")
]
ApiKey = Annotated[
    str | None, typer.Option(help="For --server.", metavar="KEY", envvar="PATROL_API_KEY", show_envvar=True)
]
Workers = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Processes; default: one per two cores.", show_default=False)
]
Retry = Annotated[bool, typer.Option("--retry-failed", metavar="", help="Try files again that failed before.")]
GpsDatum = Annotated[
    Datum, typer.Option(metavar="DATUM", help=f"Of position logs beside the videos: {', '.join(get_args(Datum))}.")
]
RecordedAt = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time of the one video's first frame, with zone: 2026-11-24T08:30:00+08:00.",
        show_default=False,
    ),
]
ClockOffset = Annotated[float, typer.Option(metavar="SECONDS", help="Seconds to add to the camera's clock.")]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="The report as one JSON object on standard output.")]


def register(app: typer.Typer) -> None:
    app.command("scan")(scan)


def scan(
    inputs: Inputs,
    home: Home = None,
    place: Place = None,
    site: SiteFile = None,
    region: RegionFile = None,
    camera: Camera = None,
    kind: Kinds = None,
    server: Server = None,
    api_key: ApiKey = None,
    workers: Workers = None,
    retry_failed: Retry = False,
    gps_datum: GpsDatum = "wgs84",
    recorded_at: RecordedAt = None,
    database: DatabaseUrl = None,
    clock_offset: ClockOffset = 0.0,
    as_json: AsJson = False,
) -> None:
    """Find incidents in footage. What was done before is skipped; stop it any time and run it again.

    Exit codes: 0 all fine, 2 bad use, 3 some files failed in this run, 4 judgements wait because the server is
    down or refused them, 130 interrupted.
    """
    settings = settings_of(home, database)
    options = BatchOptions(
        home=settings.home,
        site=_readable(site, "--site"),
        region=_readable(region, "--region"),
        kinds=_judged(kind or ()),
        place=place,
        camera=camera,
        gps_datum=gps_datum,
        recorded_at=_told_time(recorded_at, inputs),
        clock_offset_s=clock_offset,
        workers=workers or default_workers(),
        retry_failed=retry_failed,
        target="" if server is None else _address(server),
    )
    console = Console()
    ending = scan_into(settings, inputs, options, console, api_key=api_key, quiet=as_json)
    if as_json:
        typer.echo(to_json(ending))
    else:
        print_summary(console, ending, home, database)
    raise typer.Exit(SOME_FAILED if ending.report.failed else SOME_WAIT if ending.report.waiting else 0)


def scan_into(
    settings: Settings,
    inputs: list[str],
    options: BatchOptions,
    console: Console,
    *,
    api_key: str | None = None,
    quiet: bool = False,
) -> Ending:
    """Runs a batch with the released network; shows progress unless `quiet`."""
    with _outside(settings, options, api_key) as outside:
        try:
            with shown(console, quiet=quiet) as listen:
                ledger = DatabaseLedger(outside.database)
                report = run_batch(inputs, options, ledger, outside.sink, ReleasedDetector(), listen)
        except KeyboardInterrupt:
            console.print("Stopped. Run the same command again to go on where it was.")
            raise typer.Exit(INTERRUPTED) from None
        return outside.ending(report, options.target or None)


@dataclass(frozen=True, slots=True)
class _Outside:
    """What the batch works with beyond its own files."""

    database: Database
    sink: Sink

    def ending(self, report: BatchReport, server: str | None) -> Ending:
        if isinstance(self.sink, SpoolSink):
            problem = self.sink.problem
            return Ending(report, server, str(problem) if problem else None, isinstance(problem, RefusedError))
        with self.database.read() as session:
            total = count(session, (), IncidentFilters())
        return Ending(report, unreviewed=total[0].unreviewed if total else 0)


@contextmanager
def _outside(settings: Settings, options: BatchOptions, api_key: str | None) -> Iterator[_Outside]:
    database = open_database(settings.database_url)
    try:
        if not options.target:
            yield _Outside(database, DatabaseSink(database))
            return
        http = HttpSink(options.target, EvidenceStore(settings.evidence_folder), key=api_key)
        try:
            sink = SpoolSink(spool_for(options.target, settings.home), DatabaseLedger(database), http.send)
            yield _Outside(database, sink)
        finally:
            http.close()
    finally:
        database.close()


def default_workers() -> int:
    """A worker decodes on one core while it detects on another."""
    return max(1, (os.cpu_count() or 1) // 2)


def _told_time(text: str | None, inputs: list[str]) -> datetime | None:
    if text is None:
        return None
    if len(find_videos(inputs)) != 1:
        raise BadUse("--recorded-at is the time of one video", advice="give one video, or a site file with sync points")
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise BadUse(f"--recorded-at {text}: not a time with its zone", advice="write 2026-11-24T08:30:00+08:00")
    return told


def _address(server: str) -> str:
    """Always written the same, for what was done is remembered by it."""
    refusal = BadUse(f"--server {server}: not the address of a service", advice="give one such as http://host:8000")
    try:
        parts = urlsplit(server)
        host, _ = parts.hostname, parts.port
    except ValueError:  # [ without ], or a port that is no number
        raise refusal from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise refusal
    login, at, _ = parts.netloc.rpartition("@")
    address = parts.netloc[len(login + at) :].lower()
    return parts._replace(netloc=login + at + address, path=parts.path.rstrip("/")).geturl()


def _judged(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    for kind in kinds:
        if kind not in JUDGED_KINDS:
            raise BadUse(f"there is no rule for {kind} yet", advice=f"there are {', '.join(JUDGED_KINDS)}")
    return tuple(kinds)


def _readable(path: Path | None, option: str) -> Path | None:
    if path is not None and not path.is_file():
        raise BadUse(f"{option} {path}: no such file", advice="give the path of an existing file")
    return path
