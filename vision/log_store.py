"""Observation logs on disk: a folder of four Parquet files, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vision.errors import LogError
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

META_KEY: Final = b"street_patrol"
AGAIN: Final = "run the scan again; the log is made anew from its video"
_BOX: Final = ("x1", "y1", "x2", "y2")
_INT32: Final = frozenset({"frame", "track", "hits"})
_FLOAT32: Final = frozenset({"confidence", *_BOX})

Table = TypeVar("Table", FrameTable, ObservationTable, TrackTable, SignalTable)


def write_log(log: ObservationLog, folder: Path) -> None:
    """Write the log to `folder` (by custom `<name>.obs`), replacing an older one.

    Either the whole log is there afterwards or the older state: it is written beside and renamed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        meta = json.dumps(asdict(log.meta), default=_json_value, ensure_ascii=False).encode()
        _write_table(log.frames, partial / "frames.parquet", meta)
        _write_table(log.observations, partial / "observations.parquet")
        _write_table(log.tracks, partial / "tracks.parquet")
        _write_table(log.signals, partial / "signals.parquet")
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
        frames, meta = _read_table(FrameTable, folder / "frames.parquet")
        return ObservationLog(
            _meta(meta, folder),
            frames,
            _read_table(ObservationTable, folder / "observations.parquet")[0],
            _read_table(TrackTable, folder / "tracks.parquet")[0],
            _read_table(SignalTable, folder / "signals.parquet")[0],
        )
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


def _write_table(
    table: FrameTable | ObservationTable | TrackTable | SignalTable, path: Path, meta: bytes | None = None
) -> None:
    columns: list[tuple[str, NDArray[Any]]] = []
    for spec in fields(table):
        values = getattr(table, spec.name)
        if spec.name == "boxes":
            columns += [(name, np.ascontiguousarray(values[:, side])) for side, name in enumerate(_BOX)]
        else:
            columns.append((spec.name, values))
    arrow = pa.table({name: pa.array(values.tolist() if values.dtype.kind == "U" else values, _type_of(values))
                      for name, values in columns})  # fmt: skip
    if meta is not None:
        arrow = arrow.replace_schema_metadata({META_KEY: meta})
    # Neighbouring rows have nearly equal exponents: splitting the bytes of a number saves a third of the size.
    split = [name for name, values in columns if values.dtype.kind == "f"]
    plain = [name for name, values in columns if values.dtype.kind != "f"]
    with path.open("wb") as file:
        pq.write_table(arrow, file, compression="zstd", use_dictionary=plain, use_byte_stream_split=split)
        file.flush()
        os.fsync(file.fileno())


def _type_of(values: NDArray[Any]) -> Any:
    return pa.string() if values.dtype.kind == "U" else pa.from_numpy_dtype(values.dtype)


def _read_table(kind: type[Table], path: Path) -> tuple[Table, bytes]:
    arrow = pq.read_table(path, memory_map=False)
    columns: list[NDArray[Any]] = []
    for spec in fields(kind):
        if spec.name == "boxes":
            columns.append(np.stack([_column(arrow, name) for name in _BOX], axis=1).reshape(-1, 4))
        elif spec.name == "confidence" and kind is SignalTable:
            columns.append(_column(arrow, spec.name, np.dtype(np.float64)))
        else:
            columns.append(_column(arrow, spec.name))
    return kind(*columns), (arrow.schema.metadata or {}).get(META_KEY, b"")


def _column(arrow: Any, name: str, dtype: np.dtype[Any] | None = None) -> NDArray[Any]:
    column = arrow.column(name)
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), dtype=np.str_)
    return np.array(column.to_numpy(), dtype=dtype or _dtype(name))


def _dtype(name: str) -> np.dtype[Any]:
    if name in _INT32:
        return np.dtype(np.int32)
    if name == "class_id":
        return np.dtype(np.int16)
    if name in ("standing", "cut"):
        return np.dtype(np.bool_)
    return np.dtype(np.float32 if name in _FLOAT32 else np.float64)


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
    clock = values["clock"] | {"utc_at_zero": None if utc is None else datetime.fromisoformat(utc)}
    return LogMeta(
        **values
        | {
            "files": tuple(SourceFile(**file) for file in values["files"]),
            "clock": Clock(**clock),
            "ground_camera": GroundCamera(**values["ground_camera"]),
            "origin": None if values["origin"] is None else tuple(values["origin"]),
        }
    )
