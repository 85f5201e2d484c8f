"""The root of every error a user can meet.

Rooms to the right subclass it (`vision.errors`, `pipelines.errors`, `service.errors`). A message says what
went wrong and where; `advice` says what to do about it; `code` is stable and machine readable.
"""

from __future__ import annotations

from typing import ClassVar


class PatrolError(Exception):
    """Base of all expected failures: shown to the user as one line, never as a traceback."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} ({self.advice})" if self.advice else self.message


class BadUse(PatrolError):
    """An option, path or file given by the user does not make sense."""

    code = "bad-use"
    exit_code = 2
    http_status = 400


class WeightsError(PatrolError):
    """A weight file is missing, is not listed in the manifest, or is not the file the manifest names."""

    code = "weights"


class MissingExtra(PatrolError):
    """A command needs an optional part of the installation."""

    code = "missing-extra"
    exit_code = 2
