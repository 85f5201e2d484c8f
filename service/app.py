"""The composition root: the only place that wires settings, database, evidence and routes together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from pipelines.evidence.store import EvidenceStore
from service import keys
from service.api import counts, coverage, evidence, health, incidents, places
from service.api.context import Context
from service.api.guard import Guard
from service.database import Database, open_database
from service.pages import create_pages_router
from service.problems import install_handlers
from service.schemas import Problem
from service.settings import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """The service over one database and evidence folder. Raises `DatabaseError` when the database cannot be used."""
    database = open_database(settings.database_url)

    @asynccontextmanager
    async def closing(_app: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    # the interactive pages FastAPI offers load their scripts from a CDN
    app = FastAPI(
        title="Street Patrol", version=version("street-patrol"), docs_url=None, redoc_url=None, lifespan=closing
    )
    app.state.context = Context(database, EvidenceStore(settings.evidence_folder), settings, now)
    app.add_middleware(Guard, settings=settings)
    install_handlers(app)
    for module in (incidents, evidence, counts, coverage, places, health):
        app.include_router(module.router)
    app.include_router(create_pages_router(_verifier(database) if settings.asks_for_key else None))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _verifier(database: Database) -> Callable[[str], bool]:
    def is_good(token: str) -> bool:
        with database.read() as session:
            return keys.name_of(session, token) is not None

    return is_good


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            routes=app.routes,
            description=(
                "Street incidents found in dashcam footage: hand over, list, review, count. "
                "HEAD is answered wherever GET is. A query parameter that is not listed here is refused with 422."
            ),
            license_info={"name": "AGPL-3.0-or-later"},
        )
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= problem.pop("$defs") | {"Problem": problem}
        app.openapi_schema = schema
    return app.openapi_schema
