"""What is known of a signal head beside its state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.taxonomy import CLASS_ID
from tests.vision.logs import Thing, make_log
from vision.drive_log import stitch
from vision.log import GroundCamera
from vision.signals.head_facts import LONG_M, head_table
from vision.tracking.sightings import LIGHT, Sightings

CAMERA = GroundCamera(1000.0, 640.0, 360.0, 1.3, ("site file",))
FRAME_S = np.arange(20) / 2.0


def head(boxes: list[tuple[float, float, float, float]]) -> Sightings:
    count = len(boxes)
    return Sightings(
        LIGHT,
        np.arange(count, dtype=np.int32),
        np.array(boxes, np.float32),
        np.full(count, 0.7, np.float32),
        np.full(count, CLASS_ID["light_red"], np.int16),
        np.full(count, "light", "<U5"),
        np.zeros((count, 4), bool),
        np.full(count, -1),
    )


def at(distance: float, left: float, above: float) -> tuple[float, float, float, float]:
    """The box of a usual head there."""
    per_metre = CAMERA.focal_px / distance
    x, y = CAMERA.centre_x - left * per_metre, CAMERA.horizon_y - (above - CAMERA.height_m) * per_metre
    high, wide = LONG_M * per_metre, 0.35 * per_metre
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def test_a_head_is_placed_by_its_largest_sighting() -> None:
    boxes = [at(60.0, 4.0, 5.0), at(30.0, 4.0, 5.0)]
    table = head_table([head(boxes)], FRAME_S, CAMERA)
    assert table.layout.tolist() == ["upright"]
    assert table.time_s.tolist() == [0.5]
    np.testing.assert_allclose([table.distance_m[0], table.left_m[0], table.above_m[0]], [30.0, 4.0, 5.0], rtol=1e-4)


def test_a_head_lies_or_its_size_is_not_known() -> None:
    table = head_table([head([(600, 100, 660, 122)]), head([(600, 100, 620, 122)])], FRAME_S, CAMERA)
    assert table.layout.tolist() == ["lying", "unknown"]
    assert np.isfinite(table.distance_m).tolist() == [True, False]


def test_other_things_are_no_heads() -> None:
    assert not len(head_table([replace(head([at(30, 0, 5)]), group=0)], FRAME_S, CAMERA).track)


@pytest.mark.parametrize(("box", "rows"), [((600, 100, 620, 150), 1), ((900, 300, 920, 350), 2)])
def test_a_head_seen_in_two_files_of_a_drive_is_one(box: tuple[float, float, float, float], rows: int) -> None:
    one = head_table([head([at(30.0, 4.0, 5.0)] * 3)], FRAME_S, CAMERA)
    first, second = (
        replace(make_log(Thing("light_red", where, where), name=name), heads=one)
        for name, where in (("a.mp4", (600, 100, 620, 150)), ("b.mp4", box))
    )
    drive = stitch([first, second])
    assert drive.heads.track.tolist() == drive.tracks.track.tolist()
    assert len(drive.heads.track) == rows
