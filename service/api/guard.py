"""What is refused before any route sees it: foreign hosts, foreign origins, bodies that are too large."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import Forbidden, TooLarge
from service.problems import problem_reply
from service.settings import Settings, is_loopback

_BEHIND_A_PROXY = "behind a reverse proxy pass the name on: proxy_set_header Host $host"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            _check_origin(scope["method"], headers)
            limit = self._limit(scope["path"])
            _check_length(headers, limit)
        except (Forbidden, TooLarge) as error:
            await problem_reply(error)(scope, receive, send)
            return
        await self._app(scope, _limited(receive, limit), _hardened(send))

    def _check_host(self, headers: Headers) -> None:
        """Without keys only this machine may ask, and a page of a foreign name that resolves to it (DNS rebinding)
        may not.
        """
        host = _split(f"//{headers.get('host', '')}").hostname or ""
        if not self._settings.asks_for_key and not is_loopback(host):
            advice = f"use http://127.0.0.1, or patrol serve --require-key; {_BEHIND_A_PROXY}"
            raise Forbidden(f"{host or 'no host'} is not this machine", advice=advice)

    def _limit(self, path: str) -> int:
        is_evidence = path.startswith("/v1/evidence/")
        return self._settings.max_evidence_bytes if is_evidence else self._settings.max_body_bytes


def _check_origin(method: str, headers: Headers) -> None:
    """A page of another site must not act with a visitor's rights (CSRF). Programs send no Origin."""
    if method in _SAFE:
        return
    origin = headers.get("origin")
    is_foreign = origin is not None and _split(origin).netloc != headers.get("host")
    if is_foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Forbidden("requests of other sites are refused", advice=_BEHIND_A_PROXY if is_foreign else "")


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as error:  # a bracket that is not closed
        raise Forbidden(f"{address} is no address") from error


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limit:
        raise TooLarge(_too_large(limit))


def _limited(receive: Receive, limit: int) -> Receive:
    """Counts what comes: a chunked body tells no length."""
    got = 0

    async def receive_limited() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > limit:
            raise HTTPException(413, _too_large(limit))  # FastAPI lets only this kind through
        return message

    return receive_limited


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit} bytes"


def _hardened(send: Send) -> Send:
    async def send_hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"x-content-type-options", b"nosniff")]
        await send(message)

    return send_hardened
