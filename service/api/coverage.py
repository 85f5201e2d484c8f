"""How long, how often and how well places were looked at."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from service.api.context import Ctx
from service.api.formats import TABLE_FORMATS, Format, WantedFormat
from service.api.keyed import KeyedRoute, KeyName
from service.api.query import CoverageQuery
from service.areas import geometries_of
from service.coverage import coverage
from service.coverage_report import coverage_csv, coverage_geojson, report
from service.problems import documented
from service.schemas import CoverageReport

router = APIRouter(
    prefix="/v1/coverage",
    tags=["coverage"],
    route_class=KeyedRoute,
    responses=documented(401, 403, 406, 422, 500, 503),
)


@router.head("", include_in_schema=False)
@router.get("", response_model=CoverageReport, responses=TABLE_FORMATS)
def get_coverage(context: Ctx, _key: KeyName, query: CoverageQuery, wanted: WantedFormat) -> Response:
    """What counts are to be divided by: how many H3 cells of resolution 12 were seen, and how long, in how many passes
    and how well one of them was, on average. Null: nobody is known to have seen any.
    """
    now = context.now()
    names, filters = query.names(), query.filters(now)
    with context.database.read() as session:
        rows = coverage(session, names, filters)
        geometries = geometries_of(session, (row.place for row in rows)) if wanted is Format.GEOJSON else {}
    headers = {"Vary": "Accept"}
    match wanted:
        case Format.CSV:
            return Response(coverage_csv(names, rows), media_type=wanted.value, headers=headers)
        case Format.GEOJSON:
            body = coverage_geojson(names, rows, geometries)
            return JSONResponse(body, media_type=wanted.value, headers=headers)
        case Format.JSON:
            return JSONResponse(report(names, filters, rows, now), headers=headers)
