"""What a batch needs of the outside: a ledger that remembers files, a sink that takes judgements.

The protocol that survives `kill -9` at any point: whatever comes before `Sink.submit` can be repeated without a
trace (logs and evidence are files named by content, written atomically), and `submit` stores the judgement and
marks its files done in one step that either happened or did not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pipelines.incident import Judgement


class FileStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileKey:
    """A file's work under one configuration.

    Attributes:
        sha256: of the file's content.
        config: hash of all that shapes the result beside the video (perception and judgement).
    """

    sha256: str
    config: str


@dataclass(frozen=True, slots=True)
class FileState:
    """`code` and `message`: of the error, when failed."""

    status: FileStatus
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class LastDone:
    """Of a content: where it lay when a batch last found it done, absolute, and the configuration (`FileKey.config`) of
    what was said of it last.
    """

    path: Path
    config: str


class Ledger(Protocol):
    """One row per `FileKey`, and one `LastDone` per content and target. Every call is durable when it returns."""

    def state(self, key: FileKey) -> FileState | None:
        """None for a file never seen under this configuration."""
        ...

    def last_done(self, sha256: str, target: str) -> LastDone | None:
        """None for a content that no batch for this target (`BatchOptions`) found done."""
        ...

    def note_done(self, sha256: str, target: str, last: LastDone) -> None: ...

    def pending(self, key: FileKey, name: str, size_bytes: int) -> None:
        """Notes a file that is about to be worked on, whatever its state was."""
        ...

    def done(self, keys: Sequence[FileKey]) -> None:
        """All of them or none."""
        ...

    def failed(self, key: FileKey, code: str, message: str) -> None: ...


class Sink(Protocol):
    """Where judgements go."""

    def submit(self, judgement: Judgement, done: Sequence[FileKey]) -> None:
        """Takes over a judgement and marks its files done, both or neither, durably.

        An in-process sink uses one database transaction. A sink for a distant server writes the judgement to the
        spool, marks the files done, and sends; since a judgement may be handed over twice without effect, a crash
        between the two only means that it is made once more.
        """
        ...

    def flush(self) -> int:
        """Hands over what still waits, if anything can. Returns how many judgements wait now."""
        ...
