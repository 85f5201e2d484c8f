"""Whether the service is well."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter
from sqlalchemy import text

from service.api.context import Ctx
from service.problems import documented
from service.schemas import Health

router = APIRouter(tags=["health"], responses=documented(403, 500, 503))


@router.get("/healthz")
def get_health(context: Ctx) -> Health:
    """Asks the database; 503 when it does not answer."""
    with context.database.read() as session:
        session.execute(text("SELECT 1"))
    return Health(status="ok", version=version("street-patrol"))
