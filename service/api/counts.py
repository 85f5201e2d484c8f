"""Tallies."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from service.api.context import Ctx, KeyName
from service.api.formats import Format, WantedFormat
from service.api.query import Filters
from service.count_report import counts_csv, counts_geojson, geometries_of, report
from service.counts import By, count
from service.problems import documented
from service.schemas import CountReport

router = APIRouter(prefix="/v1/counts", tags=["counts"], responses=documented(401, 403, 406, 422, 500, 503))

_NAMES = "|".join(By)
_BY = Annotated[
    str,
    Query(
        description="what to break down by, any of place, kind, day, week, h3, status, drive",
        pattern=rf"^(({_NAMES})(,({_NAMES}))*)?$",
        examples=["place,kind"],
        max_length=200,
    ),
]

_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            Format.GEOJSON.value: {"schema": {"type": "object"}},
            Format.CSV.value: {"schema": {"type": "string"}},
        }
    }
}


@router.get("", response_model=CountReport, responses=_FORMATS)
def get_counts(context: Ctx, _key: KeyName, filters: Filters, wanted: WantedFormat, by: _BY = "") -> Response:
    """How many distinct incidents. Rejected, duplicate, withdrawn and insufficient ones are left out unless a filter
    names them; `unreviewed` says how many of `count` no person has judged. Null: nobody is known to have looked there.
    Days and weeks are those of the place.
    """
    names = tuple(dict.fromkeys(By(name) for name in by.split(",") if name))
    with context.database.read() as session:
        tallies = count(session, names, filters)
        geometries = geometries_of(session, tallies) if wanted is Format.GEOJSON else {}
    match wanted:
        case Format.CSV:
            return Response(counts_csv(names, tallies), media_type=wanted.value, headers={"Vary": "Accept"})
        case Format.GEOJSON:
            body = counts_geojson(names, tallies, geometries)
            return JSONResponse(body, media_type=wanted.value, headers={"Vary": "Accept"})
        case Format.JSON:
            return JSONResponse(report(names, filters, tallies, context.now()), headers={"Vary": "Accept"})
