"""What a track of positions tells by itself."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np

from vision.gps.fixes import Fix, believable_track
from vision.gps.track import GpsTrack, first_place


def test_the_first_place_is_that_of_the_earliest_fix() -> None:
    fixes = [Fix(121.4 + number / 1e4, 31.5, utc_s=1e9 + number) for number in (2, 0, 1)]
    assert first_place(believable_track(fixes, "test")) == (121.4, 31.5)


def test_without_a_fix_there_is_no_first_place() -> None:
    assert first_place(None) is None
    for rows in (np.empty(0), np.array([math.nan])):
        columns = {field.name: rows for field in fields(GpsTrack) if field.name != "source"}
        assert first_place(GpsTrack(**columns, source="test")) is None
