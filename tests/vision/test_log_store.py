from __future__ import annotations

import os
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.vision.logs import Thing, make_log
from vision import log_store
from vision.errors import LogError
from vision.lens import Lens
from vision.log import Clock, ObservationLog, SignalTable
from vision.log_store import read_log, write_log


def a_log() -> ObservationLog:
    car = Thing("car", (100, 400, 300, 520), (120, 400, 320, 520), at_rest=0.9)
    lamp = Thing("light_red", (600, 100, 620, 140), (600, 100, 620, 140))
    log = make_log(car, lamp, utc=datetime(2026, 11, 24, 8, 31, 7, 200000, tzinfo=UTC), origin=(120.1, 30.2))
    signals = SignalTable(np.array([2], np.int32), np.array(["red"]), np.array([0.0]), np.array([1.0]), np.array([0.9]))
    return replace(log, signals=signals)


def assert_same(first: ObservationLog, second: ObservationLog) -> None:
    assert first.meta == second.meta
    for table in log_store.TABLES:
        ours, theirs = getattr(first, table), getattr(second, table)
        for spec in fields(ours):
            left, right = getattr(ours, spec.name), getattr(theirs, spec.name)
            np.testing.assert_array_equal(left, right, err_msg=f"{table}.{spec.name}")
            assert left.dtype.kind == right.dtype.kind
            if left.dtype.kind != "U":
                assert left.dtype == right.dtype, f"{table}.{spec.name}"


def test_a_log_comes_back_as_it_was_written(tmp_path: Path) -> None:
    log = a_log()
    write_log(log, tmp_path / "a.obs")
    assert_same(log, read_log(tmp_path / "a.obs"))


def test_the_cameras_lens_comes_back_too(tmp_path: Path) -> None:
    log = make_log()
    lens = Lens("fisheye", (0.03, -0.01), 540.0, roll_rad=0.01)
    camera = replace(log.meta.ground_camera, lens=lens, scale_std=0.2, pitch_std=0.01)
    write_log(replace(log, meta=replace(log.meta, ground_camera=camera)), tmp_path / "a.obs")
    assert read_log(tmp_path / "a.obs").meta.ground_camera == camera


def test_an_unknown_clock_is_written_as_strict_json(tmp_path: Path) -> None:
    log = make_log()
    unknown = replace(log, meta=replace(log.meta, clock=Clock(None, float("inf"), "unknown")))
    write_log(unknown, tmp_path / "a.obs")
    text = pq.read_schema(tmp_path / "a.obs" / "frames.parquet").metadata[log_store.META_KEY]
    assert b"Infinity" not in text
    assert read_log(tmp_path / "a.obs").meta == unknown.meta


def test_an_empty_log_comes_back_too(tmp_path: Path) -> None:
    write_log(make_log(), tmp_path / "a.obs")
    assert_same(make_log(), read_log(tmp_path / "a.obs"))


def test_writing_again_replaces_the_older_log_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_log(a_log(), tmp_path / "a.obs")
    write_log(make_log(), tmp_path / "a.obs")
    assert len(read_log(tmp_path / "a.obs").tracks.track) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.obs"]


def test_a_crash_while_writing_leaves_the_older_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log(a_log(), tmp_path / "a.obs")

    def full_disk(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_log(make_log(), tmp_path / "a.obs")
    assert_same(a_log(), read_log(tmp_path / "a.obs"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.obs"]


def test_a_missing_log_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="scan again"):
        read_log(tmp_path / "gone.obs")


@pytest.mark.parametrize("name", list(log_store.TABLES))
def test_a_broken_or_missing_table_is_a_typed_error(tmp_path: Path, name: str) -> None:
    write_log(a_log(), tmp_path / "a.obs")
    table = tmp_path / "a.obs" / f"{name}.parquet"
    table.write_bytes(table.read_bytes()[:50])
    with pytest.raises(LogError, match="broken"):
        read_log(tmp_path / "a.obs")
    table.unlink()
    with pytest.raises(LogError, match="broken"):
        read_log(tmp_path / "a.obs")


def test_another_schema_version_is_refused(tmp_path: Path) -> None:
    log = a_log()
    write_log(replace(log, meta=replace(log.meta, schema_version=99)), tmp_path / "a.obs")
    with pytest.raises(LogError, match="schema version 99"):
        read_log(tmp_path / "a.obs")


def test_a_parquet_folder_without_our_meta_data_is_refused(tmp_path: Path) -> None:
    write_log(a_log(), tmp_path / "a.obs")
    path = tmp_path / "a.obs" / "frames.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    with pytest.raises(LogError, match="not an observation log"):
        read_log(tmp_path / "a.obs")


def test_a_minute_of_dense_traffic_stays_under_two_megabytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    things = [Thing("car", tuple(rng.uniform(0, 700, 4)), tuple(rng.uniform(0, 700, 4))) for _ in range(40)]
    log = make_log(*things, frames=360, seconds=60.0)
    seen = log.observations
    noisy = replace(seen, boxes=seen.boxes + rng.normal(0, 2, seen.boxes.shape).astype(np.float32))
    write_log(replace(log, observations=noisy), tmp_path / "a.obs")
    assert sum(path.stat().st_size for path in (tmp_path / "a.obs").iterdir()) < 2_000_000
    assert log_store.META_KEY in pq.read_schema(tmp_path / "a.obs" / "frames.parquet").metadata
