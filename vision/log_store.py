"""Observation logs on disk: a folder of Parquet files, one per table, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vision.errors import LogError
from vision.lens import Lens
from vision.log import (
    SCHEMA_VERSION,
    Clock,
    FrameTable,
    GroundCamera,
    LogMeta,
    ObservationLog,
    ObservationTable,
    SignalTable,
    SourceFile,
    TrackTable,
)
from vision.tables.coverage import SECTORS, CoverageTable
from vision.tables.heads import HeadTable
from vision.tables.markings import MarkingTable
from vision.tables.pace import PaceTable
from vision.tables.quality import QualityTable
from vision.tables.world import BodyTable, StateTable

META_KEY: Final = b"street_patrol"
AGAIN: Final = "run the scan again; the log is made anew from its video"
# One file each, named as the field of `ObservationLog`.
TABLES: Final[dict[str, type[Any]]] = {
    "frames": FrameTable,
    "observations": ObservationTable,
    "tracks": TrackTable,
    "signals": SignalTable,
    "quality": QualityTable,
    "coverage": CoverageTable,
    "states": StateTable,
    "bodies": BodyTable,
    "markings": MarkingTable,
    "heads": HeadTable,
    "pace": PaceTable,
}
# Columns of the fields that have two dimensions; others become one column of lists.
_WIDE: Final = {
    "boxes": ("x1", "y1", "x2", "y2"),
    "free_m": tuple(f"free_{sector + 1}_m" for sector in range(SECTORS)),
}


def write_log(log: ObservationLog, folder: Path) -> None:
    """Write the log to `folder` (by custom `<name>.obs`), replacing an older one.

    Either the whole log is there afterwards or the older state: it is written beside and renamed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        meta = _json(log.meta)
        for name in TABLES:
            _write_table(getattr(log, name), partial / f"{name}.parquet", meta if name == "frames" else None)
        _sync(partial)
        _replace(partial, folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read_log(folder: Path) -> ObservationLog:
    """Read what `write_log` wrote.

    Raises:
        LogError: the folder is missing, broken, or of another schema version.
    """
    if not folder.is_dir():
        raise LogError(f"no observation log at {folder}", advice=AGAIN)
    try:
        tables = {name: _read_table(kind, folder / f"{name}.parquet") for name, kind in TABLES.items()}
        meta = (pq.read_schema(folder / "frames.parquet").metadata or {}).get(META_KEY, b"")
        return ObservationLog(_meta(meta, folder), **tables)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise LogError(f"the observation log {folder} is broken: {error}", advice=AGAIN) from error


def _replace(partial: Path, folder: Path) -> None:
    """Rename cannot replace a folder that holds files, so the older one steps aside first."""
    if folder.exists():
        older = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
        folder.rename(older / folder.name)
        partial.rename(folder)
        shutil.rmtree(older, ignore_errors=True)
    else:
        partial.rename(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_table(table: Any, path: Path, meta: bytes | None) -> None:
    columns: list[tuple[str, NDArray[Any]]] = []
    for spec in fields(table):
        values = getattr(table, spec.name)
        if spec.name in _WIDE:
            columns += [(name, np.ascontiguousarray(values[:, side])) for side, name in enumerate(_WIDE[spec.name])]
        else:
            columns.append((spec.name, values))
    arrow = pa.table({name: _array(values) for name, values in columns})
    if meta is not None:
        arrow = arrow.replace_schema_metadata({META_KEY: meta})
    # Neighbouring rows have nearly equal exponents: splitting the bytes of a number saves a third of the size.
    split = [name for name, values in columns if values.dtype.kind == "f" and values.ndim == 1]
    plain = [name for name, values in columns if values.dtype.kind != "f"]
    with path.open("wb") as file:
        pq.write_table(arrow, file, compression="zstd", use_dictionary=plain, use_byte_stream_split=split)
        file.flush()
        os.fsync(file.fileno())


def _array(values: NDArray[Any]) -> Any:
    if values.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
    if values.dtype.kind == "U":
        return pa.array(values.tolist(), pa.string())
    return pa.array(values, pa.from_numpy_dtype(values.dtype))


def _read_table(kind: type[Any], path: Path) -> Any:
    arrow = pq.read_table(path, memory_map=False)
    columns: list[NDArray[Any]] = []
    for spec in fields(kind):
        if spec.name in _WIDE:
            parts = [_column(arrow, name) for name in _WIDE[spec.name]]
            columns.append(np.stack(parts, axis=1).reshape(-1, len(parts)))
        else:
            columns.append(_column(arrow, spec.name))
    return kind(*columns)


def _column(arrow: Any, name: str) -> NDArray[Any]:
    column = arrow.column(name)
    if pa.types.is_fixed_size_list(column.type):
        flat = np.array(column.combine_chunks().flatten())
        return flat.reshape(-1, column.type.list_size)
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), dtype=np.str_)
    return np.array(column.to_numpy())


def _json(meta: LogMeta) -> bytes:
    values = asdict(meta)
    if np.isinf(meta.clock.uncertainty_s):  # JSON has no infinity
        values["clock"]["uncertainty_s"] = None
    return json.dumps(values, default=_json_value, ensure_ascii=False).encode()


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not a value of a log's meta data")


def _meta(text: bytes, folder: Path) -> LogMeta:
    if not text:
        raise LogError(f"{folder} is not an observation log", advice=AGAIN)
    values = json.loads(text)
    if values["schema_version"] != SCHEMA_VERSION:
        raise LogError(
            f"{folder} has schema version {values['schema_version']}, this program reads {SCHEMA_VERSION}",
            advice=AGAIN,
        )
    utc = values["clock"]["utc_at_zero"]
    uncertainty = values["clock"]["uncertainty_s"]
    clock = values["clock"] | {
        "utc_at_zero": None if utc is None else datetime.fromisoformat(utc),
        "uncertainty_s": float("inf") if uncertainty is None else uncertainty,
    }
    return LogMeta(
        **values
        | {
            "files": tuple(SourceFile(**file) for file in values["files"]),
            "clock": Clock(**clock),
            "ground_camera": _camera(values["ground_camera"]),
            "origin": None if values["origin"] is None else tuple(values["origin"]),
        }
    )


def _camera(values: dict[str, Any]) -> GroundCamera:
    lens = values["lens"]
    if lens is not None:
        lens = Lens(**lens | {"distortion": tuple(lens["distortion"])})
    return GroundCamera(**values | {"lens": lens, "sources": tuple(values["sources"])})
