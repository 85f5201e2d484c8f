"""Evidence files on their way in. On their way out they belong to an incident: `service.api.incidents`."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from pipelines.errors import EvidenceError
from pipelines.evidence.store import EXTENSIONS
from service.api.context import Ctx
from service.api.keyed import KeyedRoute, KeyName
from service.api.query import NoParameters
from service.errors import BadQuery, NotFound
from service.problems import documented

router = APIRouter(
    prefix="/v1/evidence",
    tags=["evidence"],
    route_class=KeyedRoute,
    responses=documented(401, 403, 422, 500, 503),
)

Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", examples=["9f" * 32])]

_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in EXTENSIONS},
    }
}


@router.head("/{sha256}", responses=documented(404))
def has_evidence(context: Ctx, _key: KeyName, _query: NoParameters, sha256: Sha256) -> Response:
    """Whether the service has this file."""
    try:
        context.evidence.path(sha256)
    except EvidenceError as error:
        raise NotFound(error.message) from error
    return Response()


@router.put("/{sha256}", status_code=204, response_class=Response, openapi_extra=_BODY, responses=documented(413, 415))
async def put_evidence(request: Request, context: Ctx, _key: KeyName, _query: NoParameters, sha256: Sha256) -> None:
    """Stores a file under the SHA-256 of its content, which is checked."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in EXTENSIONS:
        raise HTTPException(415, f"evidence is one of {', '.join(EXTENSIONS)}")
    digest = hashlib.sha256()
    with context.evidence.scratch(media_type) as path:
        with path.open("wb") as file:
            async for chunk in request.stream():
                digest.update(chunk)
                await run_in_threadpool(file.write, chunk)
        if digest.hexdigest() != sha256:
            raise BadQuery(
                f"the content's SHA-256 is {digest.hexdigest()}", advice="it was damaged on its way; send again"
            )
        await run_in_threadpool(context.evidence.put, path, media_type)
