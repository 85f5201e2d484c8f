"""API keys: random tokens of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import BadUse
from service.errors import Conflict, NotFound
from service.tables import ApiKeyRow

PREFIX: Final = "patrol_"
"""Lets secret scanners and people see what a leaked token is."""


def add_key(session: Session, name: str, now: datetime) -> str:
    """Returns the token, which cannot be had again."""
    if not name.strip() or len(name) > 200:
        raise BadUse("a key needs a name of at most 200 letters", advice="patrol keys add car7")
    if session.get(ApiKeyRow, name) is not None:
        raise Conflict(f"there is a key named {name}", advice="names are never reused; choose another")
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(ApiKeyRow(name=name, hash=_hash(token), created_at=now))
    session.flush()
    return token


def revoke_key(session: Session, name: str, now: datetime) -> None:
    row = session.get(ApiKeyRow, name)
    if row is None:
        raise NotFound(f"no key named {name}", advice="patrol keys list")
    row.revoked_at = row.revoked_at or now


def list_keys(session: Session) -> list[ApiKeyRow]:
    return list(session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.name)))


def has_keys(session: Session) -> bool:
    """Whether any key is good."""
    return session.scalar(select(ApiKeyRow.name).where(ApiKeyRow.revoked_at.is_(None)).limit(1)) is not None


def name_of(session: Session, token: str) -> str | None:
    """The name of a good key, None for any other token. The look-up is by hash: its timing tells nothing of tokens."""
    good = select(ApiKeyRow.name).where(ApiKeyRow.hash == _hash(token), ApiKeyRow.revoked_at.is_(None))
    return session.scalar(good)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
