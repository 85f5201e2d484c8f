"""A file is known by its content alone, whatever camera it was judged under; where a scan found it; what it showed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import h3
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FILE: Final = "sha256, camera, drive, position, name, size_bytes, duration_s, start_utc, metres, damage"


def upgrade() -> None:
    op.create_table(
        "footage",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("config", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "target", name=op.f("pk_footage")),
    )
    op.drop_index(op.f("ix_incidents_camera_kind_file_sha256"), "incidents")
    op.create_index(op.f("ix_incidents_file_sha256_kind"), "incidents", ["file_sha256", "kind"], unique=False)
    _set_aside()
    _create_cells()
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
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_drive"), "files", ["drive"], unique=False)
    op.create_index(op.f("ix_files_start_utc"), "files", ["start_utc"], unique=False)
    op.create_table(
        "file_cells",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("cell", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.cell"], name=op.f("fk_file_cells_cell_cells")),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_file_cells_sha256_files")),
        sa.PrimaryKeyConstraint("sha256", "cell", name=op.f("pk_file_cells")),
    )
    op.create_index(op.f("ix_file_cells_cell"), "file_cells", ["cell"], unique=False)
    op.create_table(
        "file_coverage",
        sa.Column("cell", sa.String(length=16), nullable=False),
        sa.Column("sought", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["cell"], ["cells.cell"], name=op.f("fk_file_coverage_cell_cells")),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_file_coverage_sha256_files")),
        sa.PrimaryKeyConstraint("cell", "sought", "sha256", name=op.f("pk_file_coverage")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_file_coverage_sha256"), "file_coverage", ["sha256"], unique=False)
    op.execute(f"INSERT INTO files ({_FILE}) SELECT {_FILE} FROM kept_files")  # noqa: S608  # our own names
    op.execute("INSERT INTO file_cells (sha256, cell) SELECT sha256, cell FROM kept_cells")
    op.drop_table("kept_cells")
    op.drop_table("kept_files")
    _correct_cells()


def _set_aside() -> None:
    """Neither SQLite nor PostgreSQL lets a primary key change under a foreign key. Of a content that two cameras' names
    share, what was judged last is kept.
    """
    columns = ", ".join(f"files.{name}" for name in _FILE.split(", "))
    op.execute(
        f"CREATE TABLE kept_files AS SELECT {_FILE} FROM (SELECT {columns}, row_number() OVER ("  # noqa: S608
        "PARTITION BY files.sha256 "
        "ORDER BY judgements.received_at IS NULL, judgements.received_at DESC, files.camera) AS turn FROM files "
        "LEFT JOIN judgements ON judgements.drive = files.drive AND judgements.camera = files.camera) AS ranked "
        "WHERE turn = 1"
    )
    op.execute(
        "CREATE TABLE kept_cells AS SELECT file_cells.sha256, cell, place_id FROM file_cells "
        "JOIN kept_files ON kept_files.sha256 = file_cells.sha256 AND kept_files.camera = file_cells.camera"
    )
    op.drop_table("file_cells")
    op.drop_table("files")


def _create_cells() -> None:
    cells = op.create_table(
        "cells",
        sa.Column("cell", sa.String(length=16), nullable=False),
        sa.Column("h3", sa.String(length=16), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("place_id", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("cell", name=op.f("pk_cells")),
    )
    op.create_index(op.f("ix_cells_h3"), "cells", ["h3"], unique=False)
    op.create_index(op.f("ix_cells_place_id"), "cells", ["place_id"], unique=False)
    rows = []
    for cell, place in op.get_bind().execute(sa.text("SELECT cell, max(place_id) FROM kept_cells GROUP BY cell")):
        lat, lon = h3.cell_to_latlng(cell)
        rows.append({"cell": cell, "h3": h3.cell_to_parent(cell, 10), "lon": lon, "lat": lat, "place_id": place})
    if rows:
        op.bulk_insert(cells, rows)


def _correct_cells() -> None:
    """Of incidents: the parents of their cells of resolution 12, as coverage has them. Those who follow `updated_since`
    are told of what moved.
    """
    incidents = sa.table(
        "incidents",
        *(sa.column(name) for name in ("id", "lon", "lat", "h3", "place_id", "place_name", "place_level")),
        sa.column("updated_at", sa.DateTime(timezone=True)),
    )
    columns, moved = incidents.c, []
    located = sa.select(columns.id, columns.lon, columns.lat, columns.h3).where(columns.lon.is_not(None))
    for row in op.get_bind().execute(located):
        cell = h3.cell_to_parent(h3.latlng_to_cell(row.lat, row.lon, 12), 10)
        if cell != row.h3:
            moved.append({"moved": row.id, "to": cell})
    if not moved:
        return
    to: sa.BindParameter[str] = sa.bindparam("to")
    is_one = columns.id == sa.bindparam("moved")
    is_its_place = sa.and_(is_one, columns.place_level == "h3")
    for change in (
        sa.update(incidents).where(is_its_place).values(place_id=to, place_name=to),
        sa.update(incidents).where(is_one).values(h3=to, updated_at=datetime.now(UTC)),
    ):
        op.get_bind().execute(change, moved)
