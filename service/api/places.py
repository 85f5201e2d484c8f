"""The places incidents are counted at."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select

from service.api.context import Ctx, KeyName
from service.api.formats import Format, WantedFormat
from service.problems import documented
from service.schemas import PlaceList, PlaceModel
from service.tables import PlaceRow

router = APIRouter(prefix="/v1/places", tags=["places"], responses=documented(401, 403, 406, 500, 503))


@router.get(
    "", response_model=PlaceList, responses={200: {"content": {Format.GEOJSON.value: {"schema": {"type": "object"}}}}}
)
def get_places(context: Ctx, _key: KeyName, wanted: WantedFormat) -> Response:
    """Imported places; as GeoJSON with their areas."""
    with context.database.read() as session:
        rows = session.scalars(select(PlaceRow).order_by(PlaceRow.id)).all()
    places = [PlaceModel(id=row.id, name=row.name, level=row.level) for row in rows]
    if wanted is Format.GEOJSON:
        features = [
            {"type": "Feature", "id": row.id, "geometry": row.geometry, "properties": place.model_dump()}
            for row, place in zip(rows, places, strict=True)
        ]
        return JSONResponse({"type": "FeatureCollection", "features": features}, media_type=wanted.value)
    return Response(PlaceList(items=tuple(places)).model_dump_json(), media_type=Format.JSON.value)
