"""The database's tables. JSON names of the API and column names agree wherever they can."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in and out, UTC in the database; SQLite keeps no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Sha256 = String(64)


class CameraRow(Base):
    __tablename__ = "cameras"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DriveRow(Base):
    __tablename__ = "drives"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FileRow(Base):
    """A video: the same content is one file, however often it is copied. `camera`, `drive`, `name`: as it was judged
    last.
    """

    __tablename__ = "files"
    __table_args__ = (Index(None, "drive"), Index(None, "start_utc"))

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    camera: Mapped[str] = mapped_column(ForeignKey("cameras.name"))
    drive: Mapped[str] = mapped_column(ForeignKey("drives.id"))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_s: Mapped[float]
    start_utc: Mapped[datetime | None] = mapped_column(UtcDateTime)
    metres: Mapped[float | None]
    damage: Mapped[str | None] = mapped_column(Text)


class CellRow(Base):
    """An H3 cell of resolution 12 that a camera passed or showed. `h3`: the cell of resolution 10 around it. `lon`,
    `lat`: its centre. `place_id`: the imported place around that, if any.
    """

    __tablename__ = "cells"

    cell: Mapped[str] = mapped_column(String(16), primary_key=True)
    h3: Mapped[str] = mapped_column(String(16), index=True)
    lon: Mapped[float]
    lat: Mapped[float]
    place_id: Mapped[str | None] = mapped_column(String(200), index=True)


class FileCellRow(Base):
    """Where a file's camera passed."""

    __tablename__ = "file_cells"

    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True)
    cell: Mapped[str] = mapped_column(ForeignKey("cells.cell"), primary_key=True, index=True)


class FileCoverageRow(Base):
    """What a file showed (`pipelines.incident.CellCoverage`)."""

    __tablename__ = "file_coverage"
    # The largest table: its key is kept once, and begins with what its rows are summed up by.
    __table_args__ = ({"sqlite_with_rowid": False},)

    cell: Mapped[str] = mapped_column(ForeignKey("cells.cell"), primary_key=True)
    sought: Mapped[str] = mapped_column(String(20), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True, index=True)
    seconds: Mapped[float]
    passes: Mapped[int] = mapped_column(Integer)
    quality: Mapped[float]


class JudgementRow(Base):
    """The last judgement of a camera of a drive, so that handing it over twice changes nothing.

    `kinds`: all that were ever judged in it, or of its files under other names before, sorted and joined by commas.
    """

    __tablename__ = "judgements"

    drive: Mapped[str] = mapped_column(ForeignKey("drives.id"), primary_key=True)
    camera: Mapped[str] = mapped_column(ForeignKey("cameras.name"), primary_key=True)
    payload_sha256: Mapped[str] = mapped_column(Sha256)
    kinds: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IncidentRow(Base):
    """One incident.

    `status` is `withdrawn` while `withdrawn` holds, else what the reviews say (`service.review.settle`). `place_id`,
    `place_name`, `place_level` are the place it is counted at (`service.places`), all None when unplaced. `local_day`
    and `local_week` (ISO 8601) are in the zone of the place. `sort_at` is its start, or where that is unknown
    `created_at`.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index(None, "file_sha256", "kind"),
        Index(None, "camera", "kind", "start_utc"),
        Index(None, "status", "kind", "start_utc"),
        Index(None, "place_id"),
        Index(None, "sort_at", "id"),
        Index(None, "updated_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subtype: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20))
    withdrawn: Mapped[bool]
    grade: Mapped[str] = mapped_column(String(20))
    missing: Mapped[list[str]] = mapped_column(JSON)
    confidence: Mapped[float]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    start_utc: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_utc: Mapped[datetime | None] = mapped_column(UtcDateTime)
    time_uncertainty_s: Mapped[float | None]
    zone: Mapped[str | None] = mapped_column(String(64))
    local_day: Mapped[str | None] = mapped_column(String(10))
    local_week: Mapped[str | None] = mapped_column(String(8))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    h3: Mapped[str | None] = mapped_column(String(16), index=True)
    place_hint: Mapped[str | None] = mapped_column(Text)
    place_id: Mapped[str | None] = mapped_column(Text)
    place_name: Mapped[str | None] = mapped_column(Text)
    place_level: Mapped[str | None] = mapped_column(String(100))
    drive: Mapped[str] = mapped_column(ForeignKey("drives.id"), index=True)
    camera: Mapped[str] = mapped_column(ForeignKey("cameras.name"))
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(Sha256)
    pts_start: Mapped[float]
    pts_end: Mapped[float]
    subject_class: Mapped[str] = mapped_column(String(100))
    subject_track: Mapped[int] = mapped_column(BigInteger)
    subject_box: Mapped[list[float]] = mapped_column(JSON)
    subject_box_pts: Mapped[float]
    model: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    sort_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    evidence: Mapped[list[EvidenceRow]] = relationship(
        order_by="EvidenceRow.position", cascade="all, delete-orphan", lazy="selectin"
    )
    reviews: Mapped[list[ReviewRow]] = relationship(
        order_by="ReviewRow.id", foreign_keys="ReviewRow.incident_id", lazy="selectin"
    )


class EvidenceRow(Base):
    __tablename__ = "evidence"

    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(20))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(Sha256)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    pts: Mapped[float | None]
    annotated: Mapped[bool]


class ReviewRow(Base):
    """A verdict as it was given. Rows are never changed but for the mark that they were undone.

    `by`, `undone_by` are what people say of themselves; `key_name`, `undone_key_name` the API key they came with, None
    where none was asked for.
    """

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("incidents.id"))
    by: Mapped[str | None] = mapped_column(String(200))
    key_name: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(200))
    undone_key_name: Mapped[str | None] = mapped_column(String(200))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlaceRow(Base):
    """A named area; `geometry` is GeoJSON in WGS 84, the four sides bound it."""

    __tablename__ = "places"
    __table_args__ = (Index(None, "west", "south", "east", "north"),)

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(String(100))
    geometry: Mapped[dict[str, Any]] = mapped_column(JSON)
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]


class ApiKeyRow(Base):
    """`hash`: SHA-256 of a token of 256 random bits; nothing slower is needed against such a token."""

    __tablename__ = "api_keys"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    hash: Mapped[str] = mapped_column(Sha256, unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FootageRow(Base):
    """Where a content lay when a scan last found it done. `target`: as in `BatchOptions`. `path`: absolute, in the file
    system's bytes, which need be no text. `config`: that of what was said of it last, as in `LedgerRow`.
    """

    __tablename__ = "footage"

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    target: Mapped[str] = mapped_column(Text, primary_key=True)
    path: Mapped[bytes] = mapped_column(LargeBinary)
    config: Mapped[str] = mapped_column(Sha256)


class LedgerRow(Base):
    """How far a file's work under one configuration has come."""

    __tablename__ = "ledger"

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    config: Mapped[str] = mapped_column(Sha256, primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(100))
    message: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
