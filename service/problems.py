"""RFC 9457 problem details: the one shape of every error the service answers with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from models.errors import PatrolError
from service.errors import TooLarge, Unauthorized
from service.schemas import FieldProblem, Problem

MEDIA_TYPE: Final = "application/problem+json"


def install_handlers(app: FastAPI) -> None:
    app.add_exception_handler(PatrolError, _patrol_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _defect)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer with beside its result, for OpenAPI."""
    schema = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {status: {"description": HTTPStatus(status).phrase, **schema} for status in sorted(statuses)}


def problem_reply(error: PatrolError, *, fields: list[FieldProblem] | None = None) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorized) else {}
    kind = type(error)
    return _reply(kind.http_status, kind.code, error.message, advice=error.advice, fields=fields, headers=headers)


def _reply(
    status: int,
    code: str,
    detail: str | None,
    *,
    advice: str = "",
    fields: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    problem = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        advice=advice or None,
        errors=fields,
    )
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def _patrol_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PatrolError)
    return problem_reply(error)


def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    detail = None if error.detail == phrase else error.detail
    code = TooLarge.code if error.status_code == TooLarge.http_status else phrase.lower().replace(" ", "-")
    return _reply(error.status_code, code, detail, headers=dict(error.headers or {}))


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [
        FieldProblem(field=".".join(str(part) for part in item["loc"]), problem=item["msg"])
        for item in error.errors()[:20]
    ]
    detail = "; ".join(f"{field.field}: {field.problem}" for field in fields[:3])
    return _reply(422, "invalid-request", detail, fields=fields)


def _defect(_request: Request, _error: Exception) -> Response:
    return _reply(500, "internal", "a defect of the service; its log says more")
