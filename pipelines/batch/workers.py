"""Processes that do a batch's jobs, such that one that dies costs its job and nothing else."""

from __future__ import annotations

import signal
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Final, Protocol

from models.detector import Detector
from models.errors import PatrolError
from pipelines.batch.allocator import resident_bytes, return_free_memory, use_few_arenas

# A worker that holds this much after a job makes way for a new one: what one job keeps (compiled networks, heaps that
# cannot be returned) must not add to what the next one needs. A new one costs a second.
LARGEST_IDLE_BYTES: Final = 400_000_000
TOO_SMALL: Final = "too little memory? use fewer --workers, and --retry-failed"


class DetectorSource(Protocol):
    """Makes the detector in the process that needs it; goes to other processes by pickle."""

    @property
    def network(self) -> str:
        """Identity of the weights (`Detector.model_id` up to the `+`), known without loading them."""
        ...

    def load(self) -> Detector: ...


class Job(Protocol):
    """Work for one process: carried there by pickle, and its result back."""

    def run(self, detector: Detector, tell: Callable[[float], None]) -> object:
        """`tell`: report progress. Raises `PatrolError` for what can be expected to go wrong."""
        ...


class WorkerError(PatrolError):
    """A job ended in a way nobody foresaw."""

    code = "internal"


class WorkerDied(PatrolError):
    """The process was killed: usually by the system, for memory."""

    code = "worker-died"


Tell = Callable[[Job, float], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's result, or the error it ended with."""

    job: Job
    result: object = None
    error: PatrolError | None = None


class Crew(Protocol):
    """Takes jobs and hands back how each ended."""

    def submit(self, job: Job, *, urgent: bool = False) -> None:
        """`urgent`: before all that waits."""
        ...

    def next(self) -> Ended:
        """Waits for a job to end, telling of progress meanwhile; only while there is a submitted job that has not.

        Raises `PatrolError` if no detector can be loaded.
        """
        ...

    def __enter__(self) -> Crew: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def crew_of(count: int, source: DetectorSource, tell: Tell) -> Crew:
    """`count` processes; 0 does the jobs in the caller's process, one after another. `tell`: a job's progress."""
    return WorkerCrew(count, source, tell) if count else SoloCrew(source, tell)


class SoloCrew:
    """The caller's own process."""

    def __init__(self, source: DetectorSource, tell: Tell) -> None:
        self._source, self._tell = source, tell
        self._detector: Detector | None = None
        self._jobs: deque[Job] = deque()

    def __enter__(self) -> SoloCrew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._jobs.clear()

    def submit(self, job: Job, *, urgent: bool = False) -> None:
        (self._jobs.appendleft if urgent else self._jobs.append)(job)

    def next(self) -> Ended:
        self._detector = self._detector or self._source.load()
        job = self._jobs.popleft()
        return run_job(job, self._detector, lambda value: self._tell(job, value))


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None


class WorkerCrew:
    """Started when first needed; each worker has one job at a time, so a death is laid to the right one."""

    def __init__(self, count: int, source: DetectorSource, tell: Tell) -> None:
        self._count, self._source, self._tell = count, source, tell
        self._workers: list[_Worker] = []
        self._jobs: deque[Job] = deque()
        self._ended: deque[Ended] = deque()
        # spawn: a forked OpenVINO or OpenCV may hang in a thread that is not there
        self._context = get_context("spawn")

    def __enter__(self) -> WorkerCrew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if error is not None:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join()

    def submit(self, job: Job, *, urgent: bool = False) -> None:
        (self._jobs.appendleft if urgent else self._jobs.append)(job)

    def next(self) -> Ended:
        while not self._ended:
            self._give_out()
            busy = [worker for worker in self._workers if worker.job is not None]
            ready = wait([worker.pipe for worker in busy])
            for worker in busy:
                if worker.pipe in ready:
                    self._listen(worker)
        return self._ended.popleft()

    def _give_out(self) -> None:
        while self._jobs and len(self._workers) < self._count and all(w.job is not None for w in self._workers):
            self._workers.append(self._start())
            self._hand_over(self._workers[-1])
        for worker in list(self._workers):
            if self._jobs and worker.job is None:
                self._hand_over(worker)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._source), daemon=True)
        process.start()
        theirs.close()  # so that its death shows as the pipe's end
        return _Worker(process, ours)

    def _hand_over(self, worker: _Worker) -> None:
        job = self._jobs.popleft()
        worker.job = job
        try:
            worker.pipe.send(job)
        except (BrokenPipeError, ConnectionResetError):  # it died idle: another will do the job
            self._jobs.appendleft(job)
            worker.process.join()
            self._workers.remove(worker)

    def _listen(self, worker: _Worker) -> None:
        job = worker.job
        assert job is not None
        try:
            message = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._bury(worker, job)
            return
        match message:
            case float():
                self._tell(job, message)
            case _Unfit():
                raise message.error
            case _Done():
                worker.job = None
                self._ended.append(Ended(job, message.result, message.error))
                if message.leaving:
                    self._let_go(worker)

    def _let_go(self, worker: _Worker) -> None:
        worker.pipe.close()
        worker.process.join()
        self._workers.remove(worker)

    def _bury(self, worker: _Worker, job: Job) -> None:
        self._let_go(worker)
        self._ended.append(Ended(job, error=WorkerDied(f"the worker process {_how(worker.process)}", advice=TOO_SMALL)))


def _how(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


@dataclass(frozen=True, slots=True)
class _Done:
    """`leaving`: the worker ends with this job, having grown too large for the next."""

    result: object
    error: PatrolError | None
    leaving: bool


@dataclass(frozen=True, slots=True)
class _Unfit:
    """A worker has no detector, so there is no sense in going on."""

    error: PatrolError


def run_job(job: Job, detector: Detector, tell: Callable[[float], None]) -> Ended:
    try:
        return Ended(job, job.run(detector, tell))
    except PatrolError as error:
        return Ended(job, error=error)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:  # a defect of ours may cost one file, not the batch
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({where.filename.rpartition('/')[2]}:{where.lineno})"
        return Ended(job, error=WorkerError(text, advice="please report this as a defect"))


def _work(pipe: Connection, source: DetectorSource) -> None:
    """A worker's life: ends when its pipe does, be it that the batch is done or was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends Ctrl-C to all; the batch decides
    use_few_arenas()
    try:
        detector = source.load()
    except PatrolError as error:
        pipe.send(_Unfit(error))
        return
    try:
        while True:
            job: Job = pipe.recv()
            ended = run_job(job, detector, lambda value: pipe.send(float(value)))
            return_free_memory()
            leaving = resident_bytes() > LARGEST_IDLE_BYTES
            pipe.send(_Done(ended.result, ended.error, leaving))
            if leaving:
                return
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
