"""From what a user names, a video or a log, to the footage with its log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadUse
from pipelines.batch.observe import ObserveJob
from pipelines.batch.options import BatchOptions
from pipelines.batch.plan import Hashed, kept_logs, plan_runs
from pipelines.batch.workers import DetectorSource
from pipelines.evidence.frames import Footage
from vision.footage.files import file_sha256
from vision.footage.probe import probe
from vision.log import ObservationLog
from vision.log_store import read_log


@dataclass(frozen=True, slots=True)
class Inspected:
    """`log`: the log's folder. `made`: it was not there before."""

    footage: Footage
    log: Path
    made: bool = False


def of_log(source: Path, video: Path | None) -> Inspected:
    """A log's folder, or a table in it. `video`: else looked for beside the log and in the current folder.

    Raises `BadUse` if it is no log or its video is not found, `LogError` if it is broken.
    """
    folder = source.parent if source.is_file() else source
    if not (folder / "frames.parquet").is_file():
        raise BadUse(f"{source} is no observation log", advice="give a video, or a folder NAME.obs of a home's logs/")
    log = read_log(folder)
    return Inspected(Footage(log, (_checked(log, video or _found(log, folder)),)), folder)


def of_video(
    video: Path, options: BatchOptions, detector: DetectorSource, tell: Callable[[float], None], *, newest: bool
) -> Inspected:
    """A video with its log in the home; where there is none it is made there, as a scan does.

    Args:
        newest: any scan's log will do, of several the newest; else only that of this detector and today's settings.
        tell: gets the seconds of video seen so far.

    Raises:
        VideoError: it cannot be read. LogError: its log is broken. SiteError: the site file beside it cannot be used.
    """
    sha256 = file_sha256(video)
    logs = kept_logs(options.home, sha256)
    if newest and logs:
        return Inspected(Footage(read_log(logs[-1]), (video,)), logs[-1])
    run = plan_runs([Hashed(probe(video), sha256)], options, detector.network)[0]
    (file,) = run.files
    made = not file.log.is_dir()
    if made:
        ObserveJob(file, run.camera, options).run(detector.load(), tell)
    return Inspected(Footage(read_log(file.log), (video,)), file.log, made)


def _found(log: ObservationLog, folder: Path) -> Path:
    name = log.meta.files[0].name
    for place in (folder.parent / name, Path(name)):
        if place.is_file():
            return place
    raise BadUse(f"the log {folder.name} is of {name}, which is not here", advice=f"--video FOLDER/{name}")


def _checked(log: ObservationLog, video: Path) -> Path:
    if file_sha256(video) != log.meta.files[0].sha256:
        raise BadUse(f"{video.name} is not the video of this log", advice=f"it was made of {log.meta.files[0].name}")
    return video
