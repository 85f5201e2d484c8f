"""Cameras, drives, files, incidents with evidence and reviews, places, keys, the batch ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_table(
        "cameras",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cameras")),
    )
    op.create_table(
        "drives",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drives")),
    )
    op.create_table(
        "ledger",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("config", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "config", name=op.f("pk_ledger")),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=100), nullable=True),
        sa.Column("geometry", sa.JSON(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_west_south_east_north"), "places", ["west", "south", "east", "north"], unique=False)
    op.create_table(
        "files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("camera", sa.String(length=200), nullable=False),
        sa.Column("drive", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("start_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metres", sa.Double(), nullable=True),
        sa.Column("damage", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["camera"], ["cameras.name"], name=op.f("fk_files_camera_cameras")),
        sa.ForeignKeyConstraint(["drive"], ["drives.id"], name=op.f("fk_files_drive_drives")),
        sa.PrimaryKeyConstraint("sha256", "camera", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_drive"), "files", ["drive"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subtype", sa.String(length=100), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("start_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_uncertainty_s", sa.Double(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("local_day", sa.String(length=10), nullable=True),
        sa.Column("local_week", sa.String(length=8), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("h3", sa.String(length=16), nullable=True),
        sa.Column("place_hint", sa.Text(), nullable=True),
        sa.Column("place_id", sa.Text(), nullable=True),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("place_level", sa.String(length=100), nullable=True),
        sa.Column("drive", sa.String(length=200), nullable=False),
        sa.Column("camera", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("pts_start", sa.Double(), nullable=False),
        sa.Column("pts_end", sa.Double(), nullable=False),
        sa.Column("subject_class", sa.String(length=100), nullable=False),
        sa.Column("subject_track", sa.BigInteger(), nullable=False),
        sa.Column("subject_box", sa.JSON(), nullable=False),
        sa.Column("subject_box_pts", sa.Double(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.name"], name=op.f("fk_incidents_camera_cameras")),
        sa.ForeignKeyConstraint(["drive"], ["drives.id"], name=op.f("fk_incidents_drive_drives")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        op.f("ix_incidents_camera_kind_file_sha256"), "incidents", ["camera", "kind", "file_sha256"], unique=False
    )
    op.create_index(
        op.f("ix_incidents_camera_kind_start_utc"), "incidents", ["camera", "kind", "start_utc"], unique=False
    )
    op.create_index(op.f("ix_incidents_drive"), "incidents", ["drive"], unique=False)
    op.create_index(op.f("ix_incidents_h3"), "incidents", ["h3"], unique=False)
    op.create_index(op.f("ix_incidents_place_id"), "incidents", ["place_id"], unique=False)
    op.create_index(op.f("ix_incidents_sort_at_id"), "incidents", ["sort_at", "id"], unique=False)
    op.create_index(
        op.f("ix_incidents_status_kind_start_utc"), "incidents", ["status", "kind", "start_utc"], unique=False
    )
    op.create_index(op.f("ix_incidents_updated_at_id"), "incidents", ["updated_at", "id"], unique=False)
    op.create_table(
        "judgements",
        sa.Column("drive", sa.String(length=200), nullable=False),
        sa.Column("camera", sa.String(length=200), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.name"], name=op.f("fk_judgements_camera_cameras")),
        sa.ForeignKeyConstraint(["drive"], ["drives.id"], name=op.f("fk_judgements_drive_drives")),
        sa.PrimaryKeyConstraint("drive", "camera", name=op.f("pk_judgements")),
    )
    op.create_table(
        "evidence",
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("pts", sa.Double(), nullable=True),
        sa.Column("annotated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_evidence_incident_id_incidents")),
        sa.PrimaryKeyConstraint("incident_id", "name", name=op.f("pk_evidence")),
    )
    op.create_table(
        "file_cells",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("camera", sa.String(length=200), nullable=False),
        sa.Column("cell", sa.String(length=16), nullable=False),
        sa.Column("place_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["sha256", "camera"], ["files.sha256", "files.camera"], name=op.f("fk_file_cells_sha256_camera_files")
        ),
        sa.PrimaryKeyConstraint("sha256", "camera", "cell", name=op.f("pk_file_cells")),
    )
    op.create_index(op.f("ix_file_cells_place_id"), "file_cells", ["place_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("duplicate_of", sa.String(length=36), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("key_name", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.Column("undone_key_name", sa.String(length=200), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["duplicate_of"], ["incidents.id"], name=op.f("fk_reviews_duplicate_of_incidents")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_reviews_incident_id_incidents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_incident_id"), "reviews", ["incident_id"], unique=False)
