"""Between the wire's JSON, the pipelines' dataclasses and the database's rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from pipelines.incident import Judgement
from service.review import standing
from service.schemas import IncidentDetail, IncidentModel
from service.schemas_in import JudgementIn
from service.tables import EvidenceRow, IncidentRow, ReviewRow

_JUDGEMENT = TypeAdapter(Judgement)


def to_judgement(model: JudgementIn) -> Judgement:
    return _JUDGEMENT.validate_python(model.model_dump())


def from_judgement(judgement: Judgement) -> JudgementIn:
    """Raises pydantic's `ValidationError` for what no service would take."""
    return JudgementIn.model_validate(asdict(judgement))


def incident_model(row: IncidentRow) -> IncidentModel:
    return IncidentModel.model_validate(_incident(row))


def incident_detail(row: IncidentRow) -> IncidentDetail:
    return IncidentDetail.model_validate(_incident(row) | {"history": [_entry(review) for review in row.reviews]})


def evidence_href(incident: str, name: str) -> str:
    return f"/v1/incidents/{incident}/evidence/{name}"


def _incident(row: IncidentRow) -> dict[str, Any]:
    review = standing(row.reviews)
    return {
        "id": row.id,
        "kind": row.kind,
        "subtype": row.subtype,
        "status": row.status,
        "grade": row.grade,
        "missing": row.missing,
        "confidence": row.confidence,
        "reasons": row.reasons,
        "start": row.start_utc,
        "end": row.end_utc,
        "time_uncertainty_s": row.time_uncertainty_s,
        "zone": row.zone,
        "location": None if row.lon is None else {"lon": row.lon, "lat": row.lat, "accuracy_m": row.accuracy_m},
        "place": _place(row),
        "h3": row.h3,
        "drive": row.drive,
        "camera": row.camera,
        "file": {"name": row.file_name, "sha256": row.file_sha256},
        "pts_start": row.pts_start,
        "pts_end": row.pts_end,
        "subject": _subject(row),
        "model": row.model,
        "rule": row.rule,
        "evidence": [_evidence(item) for item in row.evidence],
        "review": None if review is None else _review(review),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _place(row: IncidentRow) -> dict[str, Any] | None:
    return None if row.place_id is None else {"id": row.place_id, "name": row.place_name, "level": row.place_level}


def _subject(row: IncidentRow) -> dict[str, Any]:
    return {
        "class": row.subject_class,
        "track": row.subject_track,
        "box": row.subject_box,
        "box_pts": row.subject_box_pts,
    }


def _evidence(row: EvidenceRow) -> dict[str, Any]:
    return {
        "role": row.role,
        "name": row.name,
        "href": evidence_href(row.incident_id, row.name),
        "media_type": row.media_type,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
        "pts": row.pts,
        "annotated": row.annotated,
    }


def _review(row: ReviewRow) -> dict[str, Any]:
    return {
        "verdict": row.verdict,
        "reason": row.reason,
        "duplicate_of": row.duplicate_of,
        "by": row.by,
        "key_name": row.key_name,
        "at": row.at,
    }


def _entry(row: ReviewRow) -> dict[str, Any]:
    undone = {"undone_at": row.undone_at, "undone_by": row.undone_by, "undone_key_name": row.undone_key_name}
    return _review(row) | undone
