from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.taxonomy import CLASS_ID
from vision.places.feet import CLEARANCE_M, OVERHANG_M, nearest_part

CAR, PERSON = (np.array([CLASS_ID[name]], np.int16) for name in ("car", "person"))


@given(st.floats(1.0, 80.0), st.floats(1.0, 6.0))
def test_the_lower_of_tyre_and_bumper_is_seen(begins: float, height_m: float) -> None:
    tyre, bumper = height_m / (begins + OVERHANG_M), (height_m - CLEARANCE_M) / begins
    lower_edge = height_m / max(tyre, bumper)  # where that angle below the horizon meets the road
    assert nearest_part(np.array([lower_edge]), CAR, height_m)[0] == pytest.approx(begins)


@given(st.floats(1.0, 80.0))
def test_people_stand_where_their_feet_are(forward: float) -> None:
    assert nearest_part(np.array([forward]), PERSON, 1.3)[0] == forward


def test_what_is_not_seen_is_nowhere() -> None:
    assert np.isnan(nearest_part(np.array([np.nan]), CAR, 1.3)).all()
