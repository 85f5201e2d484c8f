"""Markings in logs: written, read, and carried into a drive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.vision.logs import make_log
from vision.drive_log import stitch
from vision.log import ObservationLog
from vision.log_store import read_log, write_log
from vision.tables.markings import MarkingTable


def marked(log: ObservationLog) -> ObservationLog:
    """With a stop line 10 m ahead of the first pose and a crosswalk behind it."""
    start = float(log.frames.time_s[0])
    table = MarkingTable(
        marking=np.array([1, 2], np.int32),
        kind=np.array(["stop_line", "crosswalk"]),
        first_s=np.array([start, start]),
        last_s=np.array([start + 0.5, start + 1.0]),
        hits=np.array([3, 4], np.int32),
        confidence=np.array([0.5, 0.8], np.float32),
        x1_m=np.array([10.0, 13.0]), y1_m=np.array([-3.0, -4.0]),
        x2_m=np.array([10.0, 13.0]), y2_m=np.array([0.0, 4.0]),
        width_m=np.array([0.35, 3.0]),
        std_m=np.array([0.4, 0.5]),
        frame=np.array([0, 1], np.int32),
        image_x1=np.array([880.0, 886.0]), image_y1=np.array([464.0, 440.0]),
        image_x2=np.array([640.0, 394.0]), image_y2=np.array([464.0, 440.0]),
    )  # fmt: skip
    return replace(log, markings=table)


def test_a_log_keeps_its_markings_on_disk(tmp_path: Path) -> None:
    log = marked(make_log())
    write_log(log, tmp_path / "a.obs")
    read = read_log(tmp_path / "a.obs").markings
    for name in MarkingTable.__slots__:
        before, after = getattr(log.markings, name), getattr(read, name)
        assert after.tolist() == before.tolist(), name
        assert after.dtype.kind == before.dtype.kind, name


def test_a_drive_has_the_markings_of_its_files_where_they_lie() -> None:
    """The second file begins where the first one ends: 10 m on."""
    logs = [marked(make_log(name=name, mounting="moving", speed=10.0)) for name in ("a.mp4", "b.mp4")]
    drive = stitch(logs)
    table = drive.markings
    assert table.marking.tolist() == [1, 2, 3, 4]
    assert table.frame.tolist() == [0, 1, 11, 12]
    assert table.x1_m[2] - drive.frames.x_m[11] == pytest.approx(10.0)
    assert table.x2_m[3] - drive.frames.x_m[11] == pytest.approx(13.0)
    assert table.first_s[2] == pytest.approx(drive.frames.time_s[11])
    assert table.last_s[3] == pytest.approx(drive.frames.time_s[11] + 1.0)
