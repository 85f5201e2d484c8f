"""Whether the service is well."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter
from sqlalchemy import text

from service.api.context import Ctx
from service.api.query import NoParameters
from service.problems import documented
from service.schemas import Health

router = APIRouter(tags=["health"], responses=documented(403, 422, 500, 503))


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
def get_health(context: Ctx, _query: NoParameters) -> Health:
    """Asks the database; 503 when it does not answer."""
    with context.database.read() as session:
        session.execute(text("SELECT 1"))
    return Health(status="ok", version=version("street-patrol"))
