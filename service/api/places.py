"""The places incidents are counted at."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select

from service.api.context import Ctx
from service.api.formats import Format, WantedFormat
from service.api.keyed import KeyedRoute, KeyName
from service.api.query import NoParameters
from service.csv_text import csv_text
from service.problems import documented
from service.schemas import PlaceList, PlaceModel
from service.tables import PlaceRow

router = APIRouter(
    prefix="/v1/places",
    tags=["places"],
    route_class=KeyedRoute,
    responses=documented(401, 403, 406, 422, 500, 503),
)


@router.head("", include_in_schema=False)
@router.get(
    "",
    response_model=PlaceList,
    responses={
        200: {
            "content": {
                Format.GEOJSON.value: {"schema": {"type": "object"}},
                Format.CSV.value: {"schema": {"type": "string"}},
            }
        }
    },
)
def get_places(context: Ctx, _key: KeyName, _query: NoParameters, wanted: WantedFormat) -> Response:
    """Imported places; as GeoJSON with their areas. JSON, GeoJSON or CSV by the Accept header."""
    with context.database.read() as session:
        rows = session.scalars(select(PlaceRow).order_by(PlaceRow.id)).all()
    places = [PlaceModel(id=row.id, name=row.name, level=row.level) for row in rows]
    headers = {"Vary": "Accept"}
    match wanted:
        case Format.CSV:
            text = csv_text(("id", "name", "level"), [(place.id, place.name, place.level) for place in places])
            return Response(text, media_type=wanted.value, headers=headers)
        case Format.GEOJSON:
            features = [
                {"type": "Feature", "id": row.id, "geometry": row.geometry, "properties": place.model_dump()}
                for row, place in zip(rows, places, strict=True)
            ]
            body = {"type": "FeatureCollection", "features": features}
            return JSONResponse(body, media_type=wanted.value, headers=headers)
        case Format.JSON:
            listed = PlaceList(items=tuple(places)).model_dump_json()
            return Response(listed, media_type=wanted.value, headers=headers)
