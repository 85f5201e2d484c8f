from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.errors import BadUse
from service.database import Database
from service.errors import Conflict, NotFound
from service.keys import add_key, has_keys, name_of, revoke_key
from service.tables import ApiKeyRow

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_key_is_good_until_revoked(database: Database) -> None:
    with database.write() as session:
        assert not has_keys(session)
        token = add_key(session, "office", NOW)
        assert (name_of(session, token), has_keys(session)) == ("office", True)
        revoke_key(session, "office", NOW)
        assert (name_of(session, token), has_keys(session)) == (None, False)


def test_token_is_not_stored(database: Database) -> None:
    with database.write() as session:
        token = add_key(session, "office", NOW)
        row = session.scalars(select(ApiKeyRow)).one()
        assert token not in (row.name, row.hash)
        assert name_of(session, row.hash) is None


def test_tokens_differ_and_are_long(database: Database) -> None:
    with database.write() as session:
        tokens = {add_key(session, name, NOW) for name in ("a", "b", "c")}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43  # 256 bits in base64


def test_names_are_taken_once(database: Database) -> None:
    with database.write() as session:
        add_key(session, "office", NOW)
        with pytest.raises(Conflict):
            add_key(session, "office", NOW)
        with pytest.raises(NotFound):
            revoke_key(session, "garage", NOW)
        with pytest.raises(BadUse):
            add_key(session, " ", NOW)
