"""The one way in: a judgement becomes rows, new, changed, withdrawn or restored.

A judgement is the whole truth of its kinds for the files it covers: an incident that an earlier judgement found in
one of these files and this one does not find is withdrawn, never deleted. That holds whatever drive the earlier
judgement put the file into: drives are chained anew when more of their files arrive. And it holds whatever camera the
earlier one named: the same content is the same footage, so a copy that is judged under another name or another site
file takes the place of what was said of it before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from pipelines.batch.ledger import FileKey
from pipelines.incident import EvidenceItem, Incident, Judgement, Location, Role
from service import ledger, places
from service.database import chunks
from service.identity import Sighting, incident_id, match, sighting_of
from service.review import Status, settle, settle_duplicates
from service.tables import (
    CameraRow,
    DriveRow,
    EvidenceRow,
    FileCellRow,
    FileCoverageRow,
    FileRow,
    IncidentRow,
    JudgementRow,
)

NEARBY_IN_TIME: Final = timedelta(days=1)
# Databases from before content told what is the same footage may hold one incident once for each camera's name: what a
# person said of either stands.
_RANK: Final = {
    Status.CONFIRMED: 0,
    Status.REJECTED: 0,
    Status.UNREVIEWED: 1,
    Status.DUPLICATE: 2,
    Status.WITHDRAWN: 3,
}
_PAYLOAD: Final = TypeAdapter(Judgement)


class Change(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of an incident."""

    id: str
    change: Change


def ingest(
    session: Session, judgement: Judgement, done: Sequence[FileKey] = (), *, now: datetime | None = None
) -> tuple[Ingested, ...]:
    """Takes over a judgement and marks its files done, in the caller's transaction (`Database.write`).

    Returns one entry per incident handed over, in its order, then one per incident withdrawn.
    """
    now = now or datetime.now(UTC)
    index = places.load_index(session)
    before = _judged_before(session, judgement)
    _note_files(session, judgement, now)
    _note_cells(session, judgement, index)
    cameras = {judgement.camera, *(row.camera for row in before)}
    result = _merge(session, judgement, _known(session, judgement, cameras), index, now)
    _note_judgement(session, judgement, before, now)
    ledger.mark_done(session, done, now)
    session.flush()
    return result


def _judged_before(session: Session, judgement: Judgement) -> set[JudgementRow]:
    """Those in which these files were judged last, whatever their drive and camera were called."""
    of_file = and_(JudgementRow.drive == FileRow.drive, JudgementRow.camera == FileRow.camera)
    query = select(JudgementRow).join(FileRow, of_file)
    before: set[JudgementRow] = set()
    for files in chunks({file.sha256 for file in judgement.files}):
        before |= set(session.scalars(query.where(FileRow.sha256.in_(files)).distinct()))
    return before


def _note_files(session: Session, judgement: Judgement, now: datetime) -> None:
    if session.get(CameraRow, judgement.camera) is None:
        session.add(CameraRow(name=judgement.camera, created_at=now))
    if session.get(DriveRow, judgement.drive) is None:
        session.add(DriveRow(id=judgement.drive, created_at=now))
    session.flush()
    for position, file in enumerate(judgement.files):
        session.merge(
            FileRow(
                sha256=file.sha256,
                camera=judgement.camera,
                drive=judgement.drive,
                position=position,
                name=file.name,
                size_bytes=file.size_bytes,
                duration_s=file.duration_s,
                start_utc=file.start_utc,
                metres=file.metres,
                damage=file.damage,
            )
        )


def _note_cells(session: Session, judgement: Judgement, index: places.PlaceIndex) -> None:
    """Where the files' camera passed, and what it showed, in place of what was said of these files before."""
    files = judgement.files
    places.note_cells(
        session, {cell for file in files for cell in (*file.cells, *(c.cell for c in file.coverage))}, index
    )
    for file in files:
        for table in (FileCellRow, FileCoverageRow):
            session.execute(delete(table).where(table.sha256 == file.sha256))
        passed = [{"sha256": file.sha256, "cell": cell} for cell in dict.fromkeys(file.cells)]
        showed = [{"sha256": file.sha256} | asdict(each) for each in file.coverage]
        for table, rows in ((FileCellRow, passed), (FileCoverageRow, showed)):
            if rows:
                session.execute(insert(table), rows)


def _note_judgement(session: Session, judgement: Judgement, before: Collection[JudgementRow], now: datetime) -> None:
    """`before`: in which its files were judged last. What was looked for then has been looked for in these."""
    payload = hashlib.sha256(_PAYLOAD.dump_json(judgement)).hexdigest()
    row = session.get(JudgementRow, (judgement.drive, judgement.camera))
    if row is None:
        row = JudgementRow(drive=judgement.drive, camera=judgement.camera, payload_sha256="", kinds="")
        session.add(row)
    if row.payload_sha256 != payload:
        row.payload_sha256, row.received_at = payload, now
    earlier = (kind for each in (row, *before) for kind in each.kinds.split(",") if kind)
    row.kinds = ",".join(sorted({*judgement.kinds, *earlier}))


def _merge(
    session: Session, judgement: Judgement, known: dict[str, IncidentRow], index: places.PlaceIndex, now: datetime
) -> tuple[Ingested, ...]:
    sightings = {new.id: new for new in (sighting_of(item) for item in judgement.incidents)}
    same = match(list(sightings.values()), [_sighting_of_row(row) for row in known.values()])
    result = {}
    for incident in judgement.incidents:
        proposed = incident_id(incident)
        if proposed not in result:
            row = known.get(same.get(proposed, ""))
            result[proposed] = _store(session, judgement, incident, row, index, now)
    stored = {entry.id for entry in result.values()}
    gone = [row for row in known.values() if row.id not in stored and _is_refuted(row, judgement)]
    for row in gone:
        row.withdrawn, row.updated_at = True, now
        settle(session, row)
    updated = {entry.id for entry in result.values() if entry.change is Change.UPDATED}
    settle_duplicates(session, updated | {row.id for row in gone}, now)
    given = tuple(result[incident_id(incident)] for incident in judgement.incidents)
    return (*given, *(Ingested(row.id, Change.WITHDRAWN) for row in sorted(gone, key=lambda row: row.id)))


def _is_refuted(row: IncidentRow, judgement: Judgement) -> bool:
    is_judged = row.kind in judgement.kinds and any(row.file_sha256 == file.sha256 for file in judgement.files)
    return is_judged and not row.withdrawn


def _known(session: Session, judgement: Judgement, cameras: set[str]) -> dict[str, IncidentRow]:
    """Rows of these kinds that the judgement can be about: in its files, or of its camera, by any of its names, at its
    time.
    """
    kinds = {*judgement.kinds, *(incident.kind for incident in judgement.incidents)}
    base = select(IncidentRow).where(IncidentRow.kind.in_(sorted(kinds)))
    rows: dict[str, IncidentRow] = {}
    for files in chunks({file.sha256 for file in judgement.files}):
        rows |= {row.id: row for row in session.scalars(base.where(IncidentRow.file_sha256.in_(files)))}
    for ids in chunks({incident_id(incident) for incident in judgement.incidents}):
        rows |= {row.id: row for row in session.scalars(base.where(IncidentRow.id.in_(ids)))}
    times = [time for item in judgement.incidents for time in (item.start, item.end) if time is not None]
    if times:
        near = IncidentRow.start_utc.between(min(times) - NEARBY_IN_TIME, max(times) + NEARBY_IN_TIME)
        rows |= {row.id: row for row in session.scalars(base.where(IncidentRow.camera.in_(sorted(cameras)), near))}
    return rows


def _sighting_of_row(row: IncidentRow) -> Sighting:
    x1, y1, x2, y2 = row.subject_box
    known = row.lon is not None and row.lat is not None and row.accuracy_m is not None
    return Sighting(
        row.id,
        row.kind,
        row.file_sha256,
        (row.pts_start, row.pts_end),
        (x1, y1, x2, y2),
        row.subject_box_pts,
        row.subject_track,
        row.model,
        row.start_utc,
        row.end_utc,
        row.time_uncertainty_s,
        Location(row.lon or 0.0, row.lat or 0.0, row.accuracy_m or 0.0) if known else None,
        _RANK[Status(row.status)],
    )


def _store(
    session: Session,
    judgement: Judgement,
    incident: Incident,
    row: IncidentRow | None,
    index: places.PlaceIndex,
    now: datetime,
) -> Ingested:
    is_new = row is None
    if row is None:
        row = IncidentRow(id=incident_id(incident), created_at=now, updated_at=now)
        session.add(row)
    changed = _fill(row, judgement, incident)
    row.sort_at = incident.start or row.created_at
    changed |= _fill_evidence(row, incident.evidence)
    changed |= places.place_row(row, index)
    row.withdrawn = False
    changed |= settle(session, row)
    if is_new:
        return Ingested(row.id, Change.CREATED)
    if not changed:
        return Ingested(row.id, Change.UNCHANGED)
    row.updated_at = now
    return Ingested(row.id, Change.UPDATED)


def _fill(row: IncidentRow, judgement: Judgement, incident: Incident) -> bool:
    """Whether anything changed."""
    changed = False
    for name, value in _columns(judgement, incident).items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed


def _columns(judgement: Judgement, incident: Incident) -> dict[str, object]:
    where, subject = incident.location, incident.subject
    local = local_start(incident.start, incident.zone)
    return {
        "kind": incident.kind.value,
        "subtype": incident.subtype,
        "grade": incident.grade.value,
        "missing": list(incident.missing),
        "confidence": incident.confidence,
        "reasons": list(incident.reasons),
        "start_utc": incident.start,
        "end_utc": incident.end,
        "time_uncertainty_s": incident.time_uncertainty_s,
        "zone": incident.zone,
        "local_day": None if local is None else f"{local:%Y-%m-%d}",
        "local_week": None if local is None else f"{local:%G-W%V}",
        "lon": None if where is None else where.lon,
        "lat": None if where is None else where.lat,
        "accuracy_m": None if where is None else where.accuracy_m,
        "h3": None if where is None else places.cell_of(where.lon, where.lat),
        "place_hint": incident.place_hint,
        "drive": judgement.drive,
        "camera": judgement.camera,
        "file_name": incident.file.name,
        "file_sha256": incident.file.sha256,
        "pts_start": incident.pts_start,
        "pts_end": incident.pts_end,
        "subject_class": subject.subject_class,
        "subject_track": int(subject.track),
        "subject_box": [float(side) for side in subject.box],
        "subject_box_pts": subject.box_pts,
        "model": incident.model,
        "rule": incident.rule,
    }


def local_start(start: datetime | None, zone: str | None) -> datetime | None:
    """Wall time at the place; UTC where its zone is unknown, as then the place is unknown too."""
    if start is None:
        return None
    try:
        return start.astimezone(ZoneInfo(zone) if zone else UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, as America
        return start.astimezone(UTC)


def _fill_evidence(row: IncidentRow, items: Sequence[EvidenceItem]) -> bool:
    before = [_item(entry) for entry in row.evidence]
    if before == list(items):
        return False
    kept = {entry.name: entry for entry in row.evidence}
    row.evidence = [_evidence_row(kept.get(item.name), position, item) for position, item in enumerate(items)]
    return True


def _item(row: EvidenceRow) -> EvidenceItem:
    return EvidenceItem(Role(row.role), row.name, row.media_type, row.sha256, row.size_bytes, row.pts, row.annotated)


def _evidence_row(row: EvidenceRow | None, position: int, item: EvidenceItem) -> EvidenceRow:
    row = row or EvidenceRow(name=item.name)
    row.position, row.role, row.media_type = position, item.role.value, item.media_type
    row.sha256, row.size_bytes, row.pts, row.annotated = item.sha256, item.size_bytes, item.pts, item.annotated
    return row
