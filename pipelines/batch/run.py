"""From a folder of videos to judgements in a sink: the batch that never stops and never lies.

For each content, whatever copies of it there are: hash → ledger → observation log; for each camera of each drive: logs
→ judgement with evidence → sink and ledger in one step. All before the last step may be repeated, so a batch that is
killed anywhere is finished by the next run, with the same result. One broken file is one typed error.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from models.errors import PatrolError
from pipelines.batch.copies import has_companion, leading_copies, lies_at
from pipelines.batch.judge import JudgeJob, ObservedFile
from pipelines.batch.ledger import FileKey, FileState, FileStatus, LastDone, Ledger, Sink
from pipelines.batch.observe import Observed, ObserveJob
from pipelines.batch.options import BatchOptions, digest
from pipelines.batch.plan import CameraRun, Hashed, PlannedFile, kinds_of, plan_runs
from pipelines.batch.progress import Event, Progress, Stage, silent
from pipelines.batch.report import BatchReport, FileReport, Outcome, tallies_of
from pipelines.batch.workers import Crew, DetectorSource, Ended, Job, crew_of
from pipelines.evidence.store import EvidenceStore
from pipelines.incident import Grade, Judgement
from vision.errors import LogError
from vision.footage.files import file_sha256, find_videos, still_growing
from vision.footage.probe import VideoInfo, probe
from vision.log_store import read_log

__all__ = ["BatchOptions", "BatchReport", "DetectorSource", "FileKey", "FileState", "Ledger", "Sink", "run_batch"]

COPY: Final = "copy"  # code of a file that is reported as a copy of another
FAILED_BEFORE = "failed before: {}; --retry-failed tries again"
UNREADABLE = digest("unreadable")


def run_batch(
    inputs: Sequence[str | Path],
    options: BatchOptions,
    ledger: Ledger,
    sink: Sink,
    detector: DetectorSource,
    progress: Progress = silent,
) -> BatchReport:
    """Scans files, folders and globs.

    Raises:
        BadUse: inputs that lead to no video, a site or region file that cannot be used.
        WeightsError, MissingExtra: no detector.
    """
    paths = find_videos(inputs)
    EvidenceStore(options.home / "evidence").sweep()
    batch = _Batch(options, ledger, sink, progress)
    with crew_of(options.workers, detector, batch.told) as crew:
        return batch.run(paths, crew, detector.network)


class _Batch:
    """One run over a set of files."""

    def __init__(self, options: BatchOptions, ledger: Ledger, sink: Sink, progress: Progress) -> None:
        self._options, self._ledger, self._sink, self._progress = options, ledger, sink, progress
        self._reports: dict[Path, FileReport] = {}
        self._copies: dict[Path, Path] = {}  # resolved, with the one among these files that is worked on instead
        self._elsewhere: dict[Path, Path | None] = {}  # where else a file's content lies that is done
        self._notes_of: dict[Path, tuple[str, ...]] = {}
        self._tasks: dict[int, _Task] = {}
        self._judgements: list[Judgement] = []
        self._video_s = 0.0

    def run(self, paths: Sequence[Path], crew: Crew, network: str) -> BatchReport:
        began = time.monotonic()
        files = self._hashed(self._settled(paths))
        runs = [run for run in plan_runs(files, self._options, network) if self._is_open(run)]
        self._work(runs, crew)
        waiting = self._sink.flush()
        reports = tuple(self._reports[path] for path in paths)
        return BatchReport(reports, tallies_of(self._judgements), self._video_s, time.monotonic() - began, waiting)

    # Which files ------------------------------------------------------------------------------------------

    def _settled(self, paths: Sequence[Path]) -> list[Path]:
        growing = still_growing(paths, self._options.settle_s)
        for path in growing:
            self._note(path, Outcome.WAITING, "video-growing", "still being written, left for the next run")
        return [path for path in paths if path not in growing]

    def _hashed(self, paths: Sequence[Path]) -> list[Hashed]:
        """Files that can be opened, each content once."""
        sha256_of: dict[Path, str] = {}
        for path in paths:
            self._progress(Event(Stage.HASHING, path.name))
            try:
                sha256_of[path] = file_sha256(path)
            except PatrolError as error:
                self._note(path, Outcome.FAILED, type(error).code, str(error))
        videos = self._opened_videos(sha256_of)
        leading = leading_copies(videos, self._known_path, has_companion)
        for path, first in leading.items():
            if first != path:
                self._note_copy(path, first)
        return [video for video in videos if leading[video.info.path] == video.info.path]

    def _opened_videos(self, sha256_of: Mapping[Path, str]) -> list[Hashed]:
        """Every path whose content can be opened, which is tried once for each content."""
        first_of: dict[str, tuple[Path, VideoInfo | None]] = {}
        videos = []
        for path, sha256 in sha256_of.items():
            if sha256 not in first_of:
                first_of[sha256] = path, self._probed(path, sha256)
            first, info = first_of[sha256]
            if info is not None:
                videos.append(Hashed(replace(info, path=path), sha256))
            elif first != path:
                self._note_copy(path, first)
        return videos

    def _note_copy(self, path: Path, first: Path) -> None:
        self._copies[path.resolve()] = first
        self._note(path, Outcome.SKIPPED, COPY, f"a copy of {first}")

    def _probed(self, path: Path, sha256: str) -> VideoInfo | None:
        """None for a file that is no video; the ledger then remembers it, whatever the configuration."""
        key = FileKey(sha256, UNREADABLE)
        state = self._ledger.state(key)
        if state is not None and self._failed_before(state):
            self._note(path, Outcome.SKIPPED, state.code, FAILED_BEFORE.format(state.message))
            return None
        try:
            return probe(path)
        except PatrolError as error:
            self._ledger.pending(key, path.name, path.stat().st_size)
            self._ledger.failed(key, type(error).code, str(error))
            self._note(path, Outcome.FAILED, type(error).code, str(error))
            return None

    def _is_open(self, run: CameraRun) -> bool:
        """Whether anything of it is to be done; says so of files where not."""
        settled = [self._is_settled(file) for file in run.files]
        return not all(settled)

    def _is_settled(self, file: PlannedFile) -> bool:
        """Done or failed before, or a copy of what is done elsewhere: whatever lies beside a copy, it stays so.

        What was done under this configuration and then under another is to be done again: the other's result is stored.
        """
        state, other = self._ledger.state(file.key), self._other_copy(file)
        last = self._last_done(file.sha256)
        if other is not None:
            self._note(file.info.path, Outcome.SKIPPED, COPY, f"a copy of {other}, done before")
        elif state is not None and self._failed_before(state):
            self._note(file.info.path, Outcome.SKIPPED, state.code, FAILED_BEFORE.format(state.message))
        elif state is not None and state.status is FileStatus.DONE and (last is None or last.config == file.key.config):
            self._done(file)
            self._note(file.info.path, Outcome.SKIPPED, "done", "done before")
        else:
            return False
        return True

    def _other_copy(self, file: PlannedFile) -> Path | None:
        """Where its content was found done and still lies, unless that copy is among these files."""
        path = file.info.path
        if path not in self._elsewhere:
            known = self._known_path(file.sha256)
            if known is not None and (known == path.resolve() or self._copies.get(known) == path):
                known = None
            is_there = known is not None and lies_at(known, file.info.size_bytes, file.sha256)
            self._elsewhere[path] = known if is_there else None
        return self._elsewhere[path]

    def _known_path(self, sha256: str) -> Path | None:
        last = self._last_done(sha256)
        return None if last is None else last.path

    def _last_done(self, sha256: str) -> LastDone | None:
        return self._ledger.last_done(sha256, self._options.target)

    def _done(self, file: PlannedFile) -> None:
        """Remembers where it lies and under which configuration it was judged."""
        done = LastDone(file.info.path.resolve(), file.key.config)
        if self._last_done(file.sha256) != done:
            self._ledger.note_done(file.sha256, self._options.target, done)

    def _note_config(self, file: PlannedFile) -> None:
        """Before a judgement is stored: a batch killed right after must not leave the earlier configuration as last."""
        last = self._last_done(file.sha256)
        if last is not None:
            self._ledger.note_done(file.sha256, self._options.target, replace(last, config=file.key.config))

    def _failed_before(self, state: FileState | None) -> bool:
        return state is not None and state.status is FileStatus.FAILED and not self._options.retry_failed

    # The work ---------------------------------------------------------------------------------------------

    def _work(self, runs: Sequence[CameraRun], crew: Crew) -> None:
        opened = [self._opened(run) for run in runs]
        seconds = [file.info.duration_s for run in opened for file in run.missing]
        self._progress(Event(Stage.PLANNED, total_s=sum(s for s in seconds if s > 0)))
        for run in opened:
            for file in run.missing:
                self._submit(_Task(self._observe_job(run.run, file), run, file), crew)
            self._judge_if_complete(run, crew)
        while self._tasks:
            ended = crew.next()
            task = self._tasks.pop(id(ended.job))
            if task.file is not None:
                self._observed(task.run, task.file, ended)
                self._judge_if_complete(task.run, crew)
            else:
                self._judged(task.run, ended)

    def _submit(self, task: _Task, crew: Crew) -> None:
        """A camera whose logs are complete is judged at once, so that incidents come in early."""
        self._tasks[id(task.job)] = task
        crew.submit(task.job, urgent=task.file is None)

    def told(self, job: Job, value: float) -> None:
        """Progress of a job."""
        task = self._tasks[id(job)]
        if task.file is not None:
            self._progress(Event(Stage.OBSERVING, task.file.name, done_s=value))
        else:
            self._progress(
                Event(Stage.JUDGING, task.run.run.camera, note=f"{100 * value:.0f} % of its evidence written")
            )

    def _opened(self, run: CameraRun) -> _OpenRun:
        """Marks the run's files as begun."""
        opened = _OpenRun(run)
        for file in run.files:
            if self._failed_before(self._ledger.state(file.key)):
                continue
            other = self._other_copy(file)
            if other is not None:
                self._tell(file, f"a copy of {other}: counted once, as it is found here")
            self._ledger.pending(file.key, file.name, file.info.size_bytes)
            (opened.ready if _has_log(file) else opened.missing).append(file)
        return opened

    def _observe_job(self, run: CameraRun, file: PlannedFile) -> ObserveJob:
        return ObserveJob(file, run.camera, self._options)

    def _observed(self, run: _OpenRun, file: PlannedFile, ended: Ended) -> None:
        run.missing.remove(file)
        if ended.error is not None:
            self._failed(file, ended.error)
            return
        assert isinstance(ended.result, Observed)
        run.ready.append(file)
        self._video_s += ended.result.video_s
        self._progress(Event(Stage.OBSERVED, file.name, done_s=ended.result.video_s))
        for note in ended.result.notes:
            self._tell(file, note)

    def _judge_if_complete(self, run: _OpenRun, crew: Crew) -> None:
        if run.missing or not run.ready:
            return
        o = self._options
        files = tuple(ObservedFile(file.info.path, file.log) for file in run.run.files if file in run.ready)
        job = JudgeJob(
            run.run.drive, run.run.camera, files, kinds_of(o), o.home / "evidence", run.run.site, o.region, o.place
        )
        self._progress(Event(Stage.JUDGING, run.run.camera))
        self._submit(_Task(job, run, None), crew)

    def _judged(self, run: _OpenRun, ended: Ended) -> None:
        if ended.error is not None:
            for file in run.ready:
                self._failed(file, ended.error)
            return
        judgement = ended.result
        assert isinstance(judgement, Judgement)
        found = sum(incident.grade is not Grade.INSUFFICIENT for incident in judgement.incidents)
        self._progress(Event(Stage.JUDGED, run.run.camera, incidents=found))
        for file in run.ready:
            self._note_config(file)
        self._sink.submit(judgement, [file.key for file in run.ready])
        self._judgements.append(judgement)
        damage = {file.sha256: file.damage for file in judgement.files}
        for file in run.ready:
            self._done(file)
            self._note(file.info.path, Outcome.DONE, damage=damage[file.sha256])
        self._progress(Event(Stage.SUBMITTED, run.run.camera, incidents=found))

    # The report -------------------------------------------------------------------------------------------

    def _tell(self, file: PlannedFile, note: str) -> None:
        self._notes_of[file.info.path] = (*self._notes_of.get(file.info.path, ()), note)
        self._progress(Event(Stage.NOTE, file.name, note=note))

    def _failed(self, file: PlannedFile, error: PatrolError) -> None:
        self._ledger.failed(file.key, type(error).code, str(error))
        self._note(file.info.path, Outcome.FAILED, type(error).code, str(error))

    def _note(
        self,
        path: Path,
        outcome: Outcome,
        code: str | None = None,
        reason: str | None = None,
        damage: str | None = None,
    ) -> None:
        self._reports[path] = FileReport(path.name, outcome, code, reason, damage, self._notes_of.get(path, ()))
        stage = _STAGES.get(outcome)
        if stage is not None:
            self._progress(Event(stage, path.name, note=reason or ""))


_STAGES = {Outcome.FAILED: Stage.FAILED, Outcome.SKIPPED: Stage.SKIPPED, Outcome.WAITING: Stage.WAITING}


@dataclass(slots=True, eq=False)
class _OpenRun:
    """A camera's run with its files that have a log, and those whose log is being made."""

    run: CameraRun
    ready: list[PlannedFile] = field(default_factory=list)
    missing: list[PlannedFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Task:
    """`file`: the one being observed, None when judging."""

    job: Job
    run: _OpenRun
    file: PlannedFile | None


def _has_log(file: PlannedFile) -> bool:
    """A log that cannot be read is made anew."""
    try:
        read_log(file.log)
    except LogError:
        return False
    return True
