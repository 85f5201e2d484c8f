"""The same answer as JSON, GeoJSON or CSV, as the Accept header asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from service.csv_text import csv_text
from service.schemas import IncidentModel


class Format(StrEnum):
    JSON = "application/json"
    GEOJSON = "application/geo+json"
    CSV = "text/csv"


TABLE_FORMATS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            Format.GEOJSON.value: {"schema": {"type": "object"}},
            Format.CSV.value: {"schema": {"type": "string"}},
        }
    }
}
"""What OpenAPI says of answers that come in all formats."""


def _wanted(request: Request) -> Format:
    """The best of what the client takes; JSON where it does not care."""
    ranges = [_range(part) for part in request.headers.get("accept", "*/*").split(",") if part.strip()]
    best, best_weight = None, 0.0
    for offer in Format:
        weight = _weight(offer, ranges)
        if weight > best_weight:
            best, best_weight = offer, weight
    if best is None and ranges:
        raise HTTPException(406, f"can be had as {', '.join(Format)}")
    return best or Format.JSON


WantedFormat = Annotated[Format, Depends(_wanted)]


_JSON = re.compile(r"application/([^/]+\+)?json")


def _only_json(request: Request) -> None:
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not _JSON.fullmatch(media):
        raise HTTPException(415, "the body is JSON; send Content-Type: application/json")


JsonBody = Annotated[None, Depends(_only_json)]
"""Without it a body of another type reads as one string, and the refusal says nothing of the header."""


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return media, float(parameter[2:])
            except ValueError:
                return media, 0.0
    return media, 1.0


def _weight(offer: Format, ranges: Sequence[tuple[str, float]]) -> float:
    """RFC 9110: the most specific range that fits tells the weight."""
    kinds = (offer.value, f"{offer.value.split('/')[0]}/*", "*/*")
    return next((weight for kind in kinds for media, weight in ranges if media == kind), 0.0)


INCIDENT_COLUMNS = (
    *("id", "kind", "subtype", "status", "grade", "missing", "confidence", "reasons"),
    *("start", "end", "time_uncertainty_s", "zone", "lon", "lat", "accuracy_m"),
    *("place_id", "place_name", "place_level", "h3", "drive", "camera", "file_name", "file_sha256"),
    *("pts_start", "pts_end", "subject_class", "subject_track", "model", "rule"),
    *("review_verdict", "review_reason", "review_by", "review_key_name", "review_at", "created_at", "updated_at"),
)


def incidents_csv(incidents: Iterable[IncidentModel]) -> str:
    flat = (_flat(incident) for incident in incidents)
    return csv_text(INCIDENT_COLUMNS, ([row.get(name) for name in INCIDENT_COLUMNS] for row in flat))


def _flat(incident: IncidentModel) -> dict[str, Any]:
    """Nested names joined by _; lists by "; "."""
    row: dict[str, Any] = {}
    for name, value in incident.model_dump(mode="json", by_alias=True).items():
        if isinstance(value, dict):
            prefix = "" if name == "location" else f"{name}_"
            row |= {f"{prefix}{inner}": item for inner, item in value.items()}
        else:
            row[name] = "; ".join(value) if name in ("missing", "reasons") else value
    return row


def incidents_geojson(incidents: Iterable[IncidentModel], next_url: str | None) -> dict[str, Any]:
    """RFC 7946, with the members OGC API - Features adds. Unplaced incidents have a null geometry."""
    features = [_feature(incident) for incident in incidents]
    links = [] if next_url is None else [{"rel": "next", "type": Format.GEOJSON.value, "href": next_url}]
    return {
        "type": "FeatureCollection",
        "features": features,
        "numberReturned": len(features),
        "links": links,
    }


def _feature(incident: IncidentModel) -> dict[str, Any]:
    where = incident.location
    properties = incident.model_dump(mode="json", by_alias=True)
    geometry = None if where is None else {"type": "Point", "coordinates": [where.lon, where.lat]}
    return {"type": "Feature", "id": incident.id, "geometry": geometry, "properties": properties}
