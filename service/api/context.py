"""What every route works with, put there by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from pipelines.evidence.store import EvidenceStore
from service.database import Database
from service.settings import Settings

SESSION_COOKIE = "patrol_key"
"""A signed-in browser's API key: <img> and <video> cannot send headers. `service.pages` sets it."""


@dataclass(frozen=True, slots=True)
class Context:
    database: Database
    evidence: EvidenceStore
    settings: Settings
    now: Callable[[], datetime]


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]
