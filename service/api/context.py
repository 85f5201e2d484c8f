"""What every route works with, put there by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from pipelines.evidence_store import EvidenceStore
from service import keys
from service.database import Database
from service.errors import Unauthorized
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

_bearer = HTTPBearer(auto_error=False, description="An API key: `patrol keys add NAME`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False)
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False)


def _key_name(
    context: Ctx,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> str | None:
    """The name of the key that a request came with; None where keys are not asked for and none came."""
    token = bearer.credentials if bearer else header or cookie
    if token:
        with context.database.read() as session:
            name = keys.name_of(session, token)
        if name is not None:
            return name
    if context.settings.asks_for_key:
        raise Unauthorized("an API key is needed" if not token else "this API key is not known, or was revoked")
    return None


KeyName = Annotated[str | None, Depends(_key_name)]
