"""Tallies."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from service.api.context import Ctx
from service.api.formats import TABLE_FORMATS, Format, WantedFormat
from service.api.keyed import KeyedRoute, KeyName
from service.api.query import CountQuery
from service.areas import geometries_of
from service.count_report import counts_csv, counts_geojson, report
from service.counts import count
from service.problems import documented
from service.schemas import CountReport

router = APIRouter(
    prefix="/v1/counts",
    tags=["counts"],
    route_class=KeyedRoute,
    responses=documented(401, 403, 406, 422, 500, 503),
)


@router.head("", include_in_schema=False)
@router.get("", response_model=CountReport, responses=TABLE_FORMATS)
def get_counts(context: Ctx, _key: KeyName, query: CountQuery, wanted: WantedFormat) -> Response:
    """How many distinct incidents. Rejected, duplicate, withdrawn and insufficient ones are left out unless a filter
    names them; `unreviewed` says how many of `count` no person has judged. Null: nobody is known to have looked there.
    Days and weeks are those of the place.
    """
    now = context.now()
    names, filters = query.names(), query.filters(now)
    with context.database.read() as session:
        tallies = count(session, names, filters)
        geometries = geometries_of(session, (tally.place for tally in tallies)) if wanted is Format.GEOJSON else {}
    match wanted:
        case Format.CSV:
            return Response(counts_csv(names, tallies), media_type=wanted.value, headers={"Vary": "Accept"})
        case Format.GEOJSON:
            body = counts_geojson(names, tallies, geometries)
            return JSONResponse(body, media_type=wanted.value, headers={"Vary": "Accept"})
        case Format.JSON:
            return JSONResponse(report(names, filters, tallies, now), headers={"Vary": "Accept"})
