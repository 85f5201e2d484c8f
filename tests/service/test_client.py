"""A scan that hands over to a service on another machine: a real server, a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from pipelines.batch.spool import Spool, SpoolSink
from pipelines.errors import SinkError
from pipelines.evidence.store import EvidenceStore
from service.app import create_app
from service.client import HttpSink
from service.database import Database
from service.keys import add_key, revoke_key
from service.ledger import DatabaseLedger
from service.settings import Settings
from tests.service.browser import serve
from tests.service.builders import JPEG, a_patrol, incident, judgement

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass
class Remote:
    address: str
    key: str
    database: Database
    evidence: Path

    def incidents(self) -> list[dict]:
        reply = httpx.get(f"{self.address}/v1/incidents", headers={"X-API-Key": self.key})
        return reply.raise_for_status().json()["items"]


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    app = create_app(Settings(home=tmp_path / "remote", require_key=True))
    database = app.state.context.database
    with database.write() as session:
        key = add_key(session, "car7", NOW)
    with serve(app) as address:
        yield Remote(address, key, database, tmp_path / "remote" / "evidence")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "car" / "evidence")


def test_judgement_and_evidence_arrive(remote: Remote, store: EvidenceStore) -> None:
    sink = HttpSink(remote.address, store, key=remote.key)
    for given in a_patrol(store):
        sink.send(given)
    found = remote.incidents()
    assert len(found) == 8
    (picture,) = [item for entry in found for item in entry["evidence"]]
    reply = httpx.get(remote.address + picture["href"], headers={"X-API-Key": remote.key})
    assert reply.content == JPEG


def test_sending_again_changes_nothing_and_uploads_nothing(remote: Remote, store: EvidenceStore) -> None:
    sink = HttpSink(remote.address + "/", store, key=remote.key)
    given = a_patrol(store)[0]
    sink.send(given)
    before = remote.incidents()
    (uploaded,) = remote.evidence.rglob("*.jpg")
    written = uploaded.stat().st_mtime_ns
    sink.send(given)
    assert remote.incidents() == before
    assert uploaded.stat().st_mtime_ns == written


def test_a_bad_key_is_named(remote: Remote, store: EvidenceStore) -> None:
    for key in (None, "wrong"):
        with pytest.raises(SinkError, match=r"401.*patrol keys add"):
            HttpSink(remote.address, store, key=key).send(judgement(incident(10)))


def test_lost_evidence_is_named(remote: Remote, store: EvidenceStore, tmp_path: Path) -> None:
    given = a_patrol(store)[0]
    elsewhere = EvidenceStore(tmp_path / "empty")
    with pytest.raises(SinkError, match=r"evidence at\.jpg"):
        HttpSink(remote.address, elsewhere, key=remote.key).send(given)
    assert remote.incidents() == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://[", "nonsense", ""])
def test_an_address_that_leads_nowhere_is_named(store: EvidenceStore, address: str) -> None:
    with pytest.raises(SinkError):
        HttpSink(address, store).send(judgement(incident(10)))


def test_the_spool_keeps_what_the_server_did_not_take(
    remote: Remote, store: EvidenceStore, database: Database, tmp_path: Path
) -> None:
    http = HttpSink(remote.address, store, key=remote.key)
    sink = SpoolSink(Spool(tmp_path / "spool"), DatabaseLedger(database), http.send)
    with remote.database.write() as session:
        revoke_key(session, "car7", NOW)
    first, second = a_patrol(store)
    sink.submit(first, [])
    sink.submit(second, [])
    assert sink.flush() == 2
    with remote.database.write() as session:
        remote.key = add_key(session, "car7 again", NOW)
    http = HttpSink(remote.address, store, key=remote.key)
    again = SpoolSink(Spool(tmp_path / "spool"), DatabaseLedger(database), http.send)
    assert again.flush() == 0
    assert len(remote.incidents()) == 8
