"""How a scan is shown while it runs: a bar on a terminal, plain lines elsewhere, nothing with --json."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipelines.batch.progress import Event, Stage, silent

LINE_EVERY_S = 10.0
PROBLEMS = {Stage.FAILED: "red", Stage.WAITING: "yellow", Stage.NOTE: "yellow"}


class Meter:
    """Sums up events: how far, how fast, how much longer. Pure but for the clock it is given."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started: float | None = None
        self._running: dict[str, float] = {}
        self._finished_s = 0.0
        self.total_s = 0.0
        self.incidents = 0
        self.doing = "looking for videos"

    @property
    def done_s(self) -> float:
        """Seconds of video observed."""
        return self._finished_s + sum(self._running.values())

    @property
    def times_real_time(self) -> float | None:
        elapsed = 0.0 if self._started is None else self._clock() - self._started
        return self.done_s / elapsed if elapsed > 1.0 and self.done_s > 0 else None

    @property
    def left_s(self) -> float | None:
        rate = self.times_real_time
        return None if rate is None else max(0.0, self.total_s - self.done_s) / rate

    def note(self, event: Event) -> None:
        match event.stage:
            case Stage.HASHING:
                self.doing = f"reading {event.name}"
            case Stage.PLANNED:
                self.total_s, self._started = event.total_s, self._clock()
            case Stage.OBSERVING:
                self._running[event.name] = event.done_s
                self.doing = f"watching {event.name}"
            case Stage.OBSERVED | Stage.FAILED:
                self._running.pop(event.name, None)
                self._finished_s += event.done_s
            case Stage.JUDGING:
                self.doing = ", ".join(filter(None, (f"judging {event.name}", event.note)))
            case Stage.SUBMITTED:
                self.incidents += event.incidents

    def line(self) -> str:
        parts = [f"{_clock_text(self.done_s)} of {_clock_text(self.total_s)} video"]
        if self.times_real_time is not None and self.left_s is not None:
            parts.append(f"{self.times_real_time:.1f} x real time")
            parts.append(f"{_clock_text(self.left_s)} left")
        parts.append(f"{self.incidents} incident{'' if self.incidents == 1 else 's'}")
        return " · ".join(parts)


@contextmanager
def shown(console: Console, *, quiet: bool) -> Iterator[Callable[[Event], None]]:
    """Gives the listener for a batch's events."""
    if quiet:
        yield silent
    elif console.is_terminal:
        with _bar(console) as bar:
            yield _on_terminal(bar, bar.add_task("", total=None, facts=""))
    else:
        yield _in_lines(console)


def _bar(console: Console) -> Progress:
    columns = (SpinnerColumn(), BarColumn(24), TextColumn("{task.fields[facts]}"), TimeElapsedColumn())
    doing = TextColumn("{task.description}", style="dim", markup=False)
    return Progress(*columns, doing, console=console, transient=True)


def _on_terminal(bar: Progress, task: TaskID) -> Callable[[Event], None]:
    meter = Meter()

    def listen(event: Event) -> None:
        meter.note(event)
        total = meter.total_s or None
        bar.update(task, total=total, completed=meter.done_s, description=meter.doing, facts=meter.line())
        _tell_problem(bar.console, event)

    return listen


def _in_lines(console: Console) -> Callable[[Event], None]:
    meter = Meter()
    last = time.monotonic()

    def listen(event: Event) -> None:
        nonlocal last
        meter.note(event)
        _tell_problem(console, event)
        now = time.monotonic()
        if now - last >= LINE_EVERY_S and event.stage is not Stage.HASHING:
            last = now
            console.print(f"{meter.line()} · {meter.doing}", markup=False, highlight=False, soft_wrap=True)

    return listen


def _tell_problem(console: Console, event: Event) -> None:
    if event.stage in PROBLEMS:
        console.print(f"{event.name}: {event.note}", style=PROBLEMS[event.stage], markup=False, soft_wrap=True)


def _clock_text(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
