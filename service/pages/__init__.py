"""The review page: a static shell that talks to /v1 with fetch, so that page and API can never tell two truths.

`create_pages_router` is the seam: the composition root includes it in the app.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from service.api.context import SESSION_COOKIE

_HERE = Path(__file__).resolve().parent

_SHOWN = ["GET", "HEAD"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def load_words(language: str = "en") -> dict[str, Any]:
    """The catalogue of everything the page says; templates and scripts read the same file."""
    catalogue: dict[str, Any] = json.loads((_HERE / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return catalogue


def create_pages_router(verify_key: Callable[[str], bool] | None = None) -> APIRouter:
    """The pages at /, /review, /sign-in and their static files.

    Args:
        verify_key: says whether an API key is good; None where no key is asked for (loopback).
    """
    pages = _Pages(verify_key)
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/", pages.review, methods=_SHOWN)
    router.add_api_route("/review", pages.review, methods=_SHOWN)
    router.add_api_route("/sign-in", pages.sign_in_form, methods=_SHOWN)
    router.add_api_route("/sign-in", pages.sign_in, methods=["POST"])
    router.add_api_route("/sign-out", pages.sign_out, methods=["POST"])
    router.add_api_route("/static/{path:path}", pages.static_file, methods=_SHOWN)
    return router


@dataclass(frozen=True, slots=True)
class _Pages:
    verify_key: Callable[[str], bool] | None
    words: dict[str, Any] = field(default_factory=load_words)
    static: StaticFiles = field(default_factory=lambda: StaticFiles(directory=_HERE / "static"))
    templates: Jinja2Templates = field(default_factory=lambda: Jinja2Templates(directory=_HERE / "templates"))

    def review(self, request: Request) -> Response:
        if self.verify_key is not None and not self.verify_key(request.cookies.get(SESSION_COOKIE, "")):
            return _redirect("/sign-in")
        return self._page(request, "review.html")

    def sign_in_form(self, request: Request) -> Response:
        if self.verify_key is None:
            return _redirect("/review")
        return self._page(request, "sign_in.html", failed=False)

    def sign_in(self, request: Request, key: Annotated[str, Form()]) -> Response:
        key = key.strip()
        if self.verify_key is None:
            return _redirect("/review")
        if not self.verify_key(key):
            return self._page(request, "sign_in.html", 401, failed=True)
        reply = _redirect("/review")
        is_secure = request.url.scheme == "https"
        # no script can read it, no other site can send it, and it goes when the browser closes
        reply.set_cookie(SESSION_COOKIE, key, httponly=True, samesite="strict", secure=is_secure)
        return reply

    def sign_out(self) -> Response:
        reply = _redirect("/sign-in")
        reply.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return reply

    async def static_file(self, request: Request, path: str) -> Response:
        reply = await self.static.get_response(path, request.scope)
        reply.headers["Cache-Control"] = "no-cache"  # an upgrade shows at once; the ETag keeps it cheap
        return reply

    def _page(self, request: Request, name: str, status: int = 200, **context: object) -> Response:
        context |= {"words": self.words, "ui": self.words["ui"], "asks_for_key": self.verify_key is not None}
        return self.templates.TemplateResponse(request, name, context, status_code=status, headers=_HEADERS)


def _redirect(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=_HEADERS)
