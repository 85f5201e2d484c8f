"""API keys: asked for before anything else of a request is looked at."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from service import keys
from service.api.context import SESSION_COOKIE, Context
from service.errors import Unauthorized

_bearer = HTTPBearer(auto_error=False, description="An API key: `patrol keys add NAME`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False)
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False)


class KeyedRoute(APIRoute):
    """Asks for the key first: FastAPI reads and parses the body before it asks dependencies."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def ask_first(request: Request) -> Response:
            token = await _token(request)
            request.state.key_name = await run_in_threadpool(_name_of, request.app.state.context, token)
            return await handle(request)

        return ask_first


async def _token(request: Request) -> str | None:
    bearer = await _bearer(request)
    return bearer.credentials if bearer else await _header(request) or await _cookie(request)


def _name_of(context: Context, token: str | None) -> str | None:
    if token:
        with context.database.read() as session:
            name = keys.name_of(session, token)
        if name is not None:
            return name
    if context.settings.asks_for_key:
        raise Unauthorized("an API key is needed" if not token else "this API key is not known, or was revoked")
    return None


def _key_name(
    request: Request,
    _described_as_bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    _described_as_header: Annotated[str | None, Security(_header)],
    _described_as_cookie: Annotated[str | None, Security(_cookie)],
) -> str | None:
    name: str | None = request.state.key_name
    return name


KeyName = Annotated[str | None, Depends(_key_name)]
"""The name of the key that a request of a `KeyedRoute` came with; None where keys are not asked for and none came."""
