from __future__ import annotations

import numpy as np
import pytest

from tests.vision.places.test_shared_error import EGO_MPS, passed
from vision.places.lasting_velocity import lasting_velocity


def test_what_goes_on_is_told_by_all_stretches_better_than_by_one() -> None:
    slow = passed(-0.35)
    told = lasting_velocity(slow, 0.0)
    assert told is not None
    velocity, deviation = told
    assert velocity == pytest.approx(-0.35 * EGO_MPS)
    assert deviation < slow[0].deviation[0]
    assert lasting_velocity(slow[:1], 0.0) is None
    again = lasting_velocity([slow[0]] * 3, 0.0)  # the same thrice tells no more, but what goes with the speed
    assert again is not None
    assert again[1] == pytest.approx(np.hypot(slow[0].deviation[0], 0.1 * EGO_MPS), abs=0.01)


def test_the_shared_error_does_not_go_on() -> None:
    told = lasting_velocity(passed(0.2), 0.2)
    assert told is not None
    assert told[0] == pytest.approx(0.0, abs=1e-9)
