"""Incidents: handed over by scans, listed, shown with their evidence, judged by people."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from pipelines.errors import EvidenceError
from service.api.context import Ctx
from service.api.formats import Format, JsonBody, WantedFormat, incidents_csv, incidents_geojson
from service.api.keyed import KeyedRoute, KeyName
from service.api.query import ListQuery, NoParameters
from service.api.ranged_file import RangedFile
from service.errors import NotFound
from service.ingest import Change, ingest
from service.listing import find_incident, list_incidents
from service.problems import documented
from service.review import give_verdict
from service.schemas import IncidentDetail, IncidentPage, IngestedModel, IngestReport
from service.schemas_in import JudgementIn, ReviewIn
from service.wire import incident_detail, incident_model, to_judgement

router = APIRouter(
    prefix="/v1/incidents",
    tags=["incidents"],
    route_class=KeyedRoute,
    responses=documented(401, 403, 422, 500, 503),
)

IncidentId = Annotated[
    str, Path(max_length=36, pattern=r"^[0-9a-f-]+$", examples=["019ab4c2-7a50-7f3e-9d21-5c0b8e6a4417"])
]

_FILE: dict[int | str, dict[str, Any]] = documented(404, 416) | {
    200: {
        "description": "the file",
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}}
            for name in ("image/jpeg", "video/mp4", "application/json")
        },
    },
    206: {"description": "the part of it that the header Range asks for"},
}

_LIST: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {"Link": {"description": 'URL of the next page, rel="next"', "schema": {"type": "string"}}},
        "content": {
            Format.GEOJSON.value: {"schema": {"type": "object"}},
            Format.CSV.value: {"schema": {"type": "string"}},
        },
    }
}


@router.post("", responses=documented(400, 413, 415))
def post_judgement(
    context: Ctx, _key: KeyName, _query: NoParameters, _json: JsonBody, judgement: JudgementIn
) -> IngestReport:
    """Hands over all that one judging of one camera of one drive found. Doing so again changes nothing."""
    with context.database.write() as session:
        entries = ingest(session, to_judgement(judgement), now=context.now())
    gone = tuple(entry.id for entry in entries if entry.change is Change.WITHDRAWN)
    given = [entry for entry in entries if entry.change is not Change.WITHDRAWN]
    return IngestReport(
        incidents=tuple(IngestedModel(id=entry.id, change=entry.change) for entry in given), withdrawn=gone
    )


@router.head("", include_in_schema=False)
@router.get("", response_model=IncidentPage, responses=_LIST | documented(406))
def get_incidents(request: Request, context: Ctx, _key: KeyName, query: ListQuery, wanted: WantedFormat) -> Response:
    """Incidents, newest first. JSON, GeoJSON or CSV by the Accept header; the header Link leads to the next page."""
    with context.database.read() as session:
        page = list_incidents(session, query.filters(context.now()), limit=query.limit, cursor=query.cursor)
        items = tuple(incident_model(row) for row in page.rows)
    next_url = None if page.next is None else _next_url(request, page.next)
    headers = {"Vary": "Accept"} | ({} if next_url is None else {"Link": f'<{next_url}>; rel="next"'})
    match wanted:
        case Format.CSV:
            return Response(incidents_csv(items), media_type=wanted.value, headers=headers)
        case Format.GEOJSON:
            return JSONResponse(incidents_geojson(items, next_url), media_type=wanted.value, headers=headers)
        case Format.JSON:
            body = IncidentPage.model_construct(items=items, next=page.next).model_dump_json(by_alias=True)
            return Response(body, media_type=wanted.value, headers=headers)


def _next_url(request: Request, cursor: str) -> str:
    terms = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*terms, ('cursor', cursor)])}"


@router.head("/{incident}", include_in_schema=False)
@router.get("/{incident}", responses=documented(404))
def get_incident(context: Ctx, _key: KeyName, _query: NoParameters, incident: IncidentId) -> IncidentDetail:
    with context.database.read() as session:
        return incident_detail(find_incident(session, incident))


@router.head("/{incident}/evidence/{name}", include_in_schema=False, response_class=RangedFile)
@router.get("/{incident}/evidence/{name}", response_class=RangedFile, responses=_FILE)
def get_evidence(
    context: Ctx,
    _key: KeyName,
    _query: NoParameters,
    incident: IncidentId,
    name: Annotated[str, Path(max_length=200)],
) -> RangedFile:
    """One evidence file, blurred. Takes Range, so that players can seek."""
    with context.database.read() as session:
        row = next((item for item in find_incident(session, incident).evidence if item.name == name), None)
    if row is None:
        raise NotFound(f"incident {incident} has no evidence {name}")
    try:
        path = context.evidence.path(row.sha256)
    except EvidenceError as error:
        raise NotFound(error.message, advice=error.advice) from error
    headers = {"Cache-Control": "private, max-age=300", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return RangedFile(path, media_type=row.media_type, headers=headers)


@router.post("/{incident}/review", responses=documented(400, 404, 409, 413, 415))
def post_review(
    context: Ctx, key: KeyName, _query: NoParameters, _json: JsonBody, incident: IncidentId, review: ReviewIn
) -> IncidentDetail:
    """Confirms, rejects with a reason, marks as a duplicate, or undoes the verdict that holds."""
    with context.database.write() as session:
        row = find_incident(session, incident)
        give_verdict(
            session,
            row,
            review.verdict,
            context.now(),
            reason=review.reason,
            duplicate_of=review.duplicate_of,
            by=review.by or key,
            key_name=key,
        )
        return incident_detail(row)
