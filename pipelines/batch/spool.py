"""Judgements on their way to a distant server: kept on disk until it has taken them over."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from pipelines.batch.ledger import FileKey, Ledger
from pipelines.errors import RefusedError, SinkError
from pipelines.incident import Judgement

Send = Callable[[Judgement], None]

_JUDGEMENT: Final = TypeAdapter(Judgement)


@dataclass(frozen=True, slots=True)
class SpoolReport:
    """`problem`: the first thing that kept some from being sent. `unreachable`: and all after it."""

    sent: int
    waiting: int
    problem: SinkError | None
    unreachable: bool


class Spool:
    """A folder with one JSON file per judgement, sent in the order in which they were made.

    The order matters: a later judgement of the same camera or footage replaces an earlier one. So one that the server
    refuses holds up those that share its camera or a file, no others; it stays and is tried again each time, for a
    newer server may take it.
    Evidence is not copied here; it is in the evidence store, which is as durable.
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
        """`send` raises `RefusedError` for a judgement that is refused, another `SinkError` where the sending ends."""
        sent, held_up, problem = 0, set[str](), None
        for path in self.waiting():
            try:
                sent += _hand_over(path, held_up, send)
            except RefusedError as error:
                problem = problem or error
            except SinkError as error:
                return SpoolReport(sent, len(self.waiting()), problem or error, unreachable=True)
        return SpoolReport(sent, len(self.waiting()), problem, unreachable=False)

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def spool_for(server: str, home: Path) -> Spool:
    """The spool of what is meant for one server; `server`: its URL."""
    host = urlsplit(server).hostname or "server"
    return Spool(home / "spool" / f"{host.replace(':', '.')}-{hashlib.sha256(server.encode()).hexdigest()[:12]}")


class SpoolSink:
    """A `Sink` for a server that may be down: first to disk, then the ledger, then over the network.

    Once it could not be reached nothing is sent until `flush`, so that a dead server does not cost a timeout per drive.
    """

    def __init__(self, spool: Spool, ledger: Ledger, send: Send) -> None:
        self._spool, self._ledger, self._send = spool, ledger, send
        self._unreachable = False
        self.problem: SinkError | None = None

    def submit(self, judgement: Judgement, done: Sequence[FileKey]) -> None:
        self._spool.add(judgement)
        self._ledger.done(done)
        if not self._unreachable:
            self.flush()

    def flush(self) -> int:
        report = self._spool.send_all(self._send)
        self.problem, self._unreachable = report.problem, report.unreachable
        return report.waiting


def _hand_over(path: Path, held_up: set[str], send: Send) -> bool:
    """Whether the judgement was sent; not if its camera or a file of it (hash) is `held_up`, as all its files and its
    camera are if it is not.
    """
    judgement = _read(path)
    about = {judgement.camera, *(file.sha256 for file in judgement.files)}
    if about & held_up:
        held_up |= about
        return False
    try:
        send(judgement)
    except RefusedError:
        held_up |= about
        raise
    path.unlink(missing_ok=True)
    return True


def _read(path: Path) -> Judgement:
    try:
        return _JUDGEMENT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RefusedError(
            f"{path} is not a judgement: {error}", advice="move it away and scan its files again"
        ) from error
