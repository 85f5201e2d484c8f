"""`patrol inspect`: what was perceived in a video, drawn over it, to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from models.errors import BadUse
from pipelines.batch.released_detector import ReleasedDetector
from pipelines.batch.run import BatchOptions, DetectorSource
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.inspect.film import write_film
from pipelines.inspect.sheet import MOST_PICTURES, sheet_times, write_sheet
from pipelines.inspect.source import Inspected, of_log, of_video
from pipelines.inspect.words import optics
from service.cli.options import Home, check_folder_of, settings_of

err = Console(stderr=True, highlight=False)

Source = Annotated[
    Path, typer.Argument(help="A video, or its observation log (a folder NAME.obs).", show_default=False)
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="FILE.png: a sheet of pictures. FILE.mp4: a film. Default: NAME.png here.",
        show_default=False,
    ),
]
From = Annotated[float | None, typer.Option("--from", metavar="SECONDS", help="Start; the video's own time (PTS).")]
To = Annotated[float | None, typer.Option("--to", metavar="SECONDS", help="End.")]
Every = Annotated[
    float | None,
    typer.Option("--every", min=0.05, metavar="SECONDS", help="Between a sheet's pictures; default: twelve in all."),
]
Video = Annotated[Path | None, typer.Option(metavar="FILE", help="Of a log whose video is neither beside it nor here.")]
Network = Annotated[
    str | None, typer.Option(metavar="NAME", help="Released network; else any scan's log will do, the newest.")
]
Blurred = Annotated[
    bool,
    typer.Option("--blur/--no-blur", help="Blur heads and plates as in evidence; slower, the network looks again."),
]


def register(app: typer.Typer) -> None:
    app.command("inspect")(inspect)


def inspect(
    source: Source,
    out: Out = None,
    start_s: From = None,
    end_s: To = None,
    every_s: Every = None,
    home: Home = None,
    video: Video = None,
    network: Network = None,
    blur: Blurred = True,
) -> None:
    """Draw what was perceived over the video: a PNG sheet or an MP4 to look at.

    Boxes are coloured by class and thin between two sightings; filled corners: it stands. A track's km/h and its chance
    to stand are those of its whole life, its arrow from above is now. The grid is the road in metres as the log's
    camera sees it. Without a log in the home one is made there, as a scan does.

    Heads and plates are blurred as in evidence, which may miss some; --no-blur draws the pictures as they are: keep
    those to yourself.
    """
    _check(source, out, start_s, end_s, every_s)
    detector: DetectorSource = ReleasedDetector(network)
    with _told("watching") as tell:
        found = _found(
            source, video, BatchOptions(settings_of(home, None).home), detector, tell, any_network=network is None
        )
    window = _window(found.footage, start_s, end_s)
    path = out or Path(f"{found.footage.paths[0].stem}.png")
    looker = Looker(detector.load()) if blur else None
    what = (
        _film(path, found.footage, window, looker)
        if _is_film(path)
        else _sheet(path, found.footage, window, looker, every_s)
    )
    typer.echo(f"{path}: {what} from {window[0]:.2f} to {window[1]:.2f} s{'' if blur else ', not blurred'}")
    typer.echo(f"log{' (new)' if found.made else ''}: {found.log}")
    typer.echo(f"ground grid: {optics(found.footage.log)}")


def _check(source: Path, out: Path | None, start_s: float | None, end_s: float | None, every_s: float | None) -> None:
    """Raises `BadUse` before anything is watched."""
    if not source.exists():
        raise BadUse(f"{source}: no such file", advice="give a video or an observation log")
    if out is not None:
        if out.suffix.lower() not in (".png", ".mp4"):
            raise BadUse(f"--out {out}: neither a PNG nor an MP4", advice="name it FILE.png or FILE.mp4")
        check_folder_of(out)
        if every_s is not None and _is_film(out):
            raise BadUse("--every is for a sheet; a film shows every frame", advice="leave it out, or name a FILE.png")
    if start_s is not None and end_s is not None and not start_s < end_s:
        raise BadUse(f"--from {start_s:g} is not before --to {end_s:g}", advice="swap them")


def _found(
    source: Path,
    video: Path | None,
    options: BatchOptions,
    detector: DetectorSource,
    tell: Callable[[float], None],
    *,
    any_network: bool,
) -> Inspected:
    if source.is_dir() or source.suffix == ".parquet":
        if not any_network:
            raise BadUse("--network: the log was made already", advice="give the video instead of the log")
        if video is not None and not video.is_file():
            raise BadUse(f"--video {video}: no such file", advice="give the video that the log was made of")
        return of_log(source, video)
    if video is not None:
        raise BadUse("--video is for a log", advice="give the one video as SOURCE")
    return of_video(source, options, detector, tell, newest=any_network)


def _window(footage: Footage, start_s: float | None, end_s: float | None) -> tuple[float, float]:
    first, last = footage.span
    start, end = max(first, first if start_s is None else start_s), min(last, last if end_s is None else end_s)
    if start > end or not len(footage.log.frames.time_s):
        raise BadUse(f"the video shows nothing then, it runs from {first:.2f} to {last:.2f} s", advice="--from, --to")
    return start, end


def _is_film(path: Path) -> bool:
    return path.suffix.lower() == ".mp4"


def _film(path: Path, footage: Footage, window: tuple[float, float], looker: Looker | None) -> str:
    with _told("drawing", window[1] - window[0]) as tell:
        facts = write_film(path, footage, window, looker, lambda time_s: tell(time_s - window[0]))
    return f"{len(facts.frame_times_s)} frames"


def _sheet(
    path: Path, footage: Footage, window: tuple[float, float], looker: Looker | None, every_s: float | None
) -> str:
    times_s = sheet_times(footage, window, every_s)
    if not 0 < len(times_s) <= MOST_PICTURES:
        raise BadUse(
            f"a sheet of {len(times_s)} pictures; 1 to {MOST_PICTURES} can be drawn", advice="--every, --from, --to"
        )
    write_sheet(path, footage, times_s, looker)
    return f"{len(times_s)} pictures"


@contextmanager
def _told(what: str, total_s: float | None = None) -> Iterator[Callable[[float], None]]:
    """A bar on the terminal that comes with the first word of progress."""
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(what, total=total_s, visible=False)
        yield lambda seconds: bar.update(task, completed=seconds, visible=True)
