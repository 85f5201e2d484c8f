"""Judgements on their way to a distant server: kept on disk until it has taken them over."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from pipelines.errors import SinkError
from pipelines.incident import Judgement
from pipelines.ledger import FileKey, Ledger

Send = Callable[[Judgement], None]

_JUDGEMENT: Final = TypeAdapter(Judgement)


@dataclass(frozen=True, slots=True)
class SpoolReport:
    """`problem`: what kept the rest from being sent."""

    sent: int
    waiting: int
    problem: SinkError | None


class Spool:
    """A folder with one JSON file per judgement, sent in the order in which they were made.

    The order matters: a later judgement of the same camera replaces an earlier one. Evidence is not copied here; it is
    in the evidence store, which is as durable.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, judgement: Judgement) -> Path:
        """Durable when it returns."""
        content = _JUDGEMENT.dump_json(judgement)
        name = f"{time.time_ns():020d}-{hashlib.sha256(content).hexdigest()[:12]}.json"
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{name}.partial"
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / name)
        self._sync()
        return self._folder / name

    def waiting(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    def send_all(self, send: Send) -> SpoolReport:
        """Stops at the first that cannot be handed over. `send` raises `SinkError` then."""
        sent = 0
        for path in self.waiting():
            try:
                send(_read(path))
            except SinkError as error:
                return SpoolReport(sent, len(self.waiting()), error)
            path.unlink(missing_ok=True)
            sent += 1
        return SpoolReport(sent, 0, None)

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class SpoolSink:
    """A `Sink` for a server that may be down: first to disk, then the ledger, then over the network.

    After the first failure nothing is sent until `flush`, so that a dead server does not cost a timeout per drive.
    """

    def __init__(self, spool: Spool, ledger: Ledger, send: Send) -> None:
        self._spool, self._ledger, self._send = spool, ledger, send
        self.problem: SinkError | None = None

    def submit(self, judgement: Judgement, done: Sequence[FileKey]) -> None:
        self._spool.add(judgement)
        self._ledger.done(done)
        if self.problem is None:
            self.flush()

    def flush(self) -> int:
        report = self._spool.send_all(self._send)
        self.problem = report.problem
        return report.waiting


def _read(path: Path) -> Judgement:
    try:
        return _JUDGEMENT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise SinkError(
            f"{path} is not a judgement: {error}", advice="move it away and scan its files again"
        ) from error
