import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.simulate.schedule import Drive, LightPlan

times = st.floats(0, 80)
speeds = st.floats(3, 15)


@given(at=st.floats(-200, 400), arrive=st.floats(8, 30), wait=st.floats(1, 20), speed=speeds, time_s=times)
def test_position_is_the_integral_of_speed(at: float, arrive: float, wait: float, speed: float, time_s: float) -> None:
    drive = Drive.stopping(at, arrive, arrive + wait, speed)
    steps = np.linspace(0, time_s, 801)
    integral = np.trapezoid([drive.speed(t) for t in steps], steps)
    assert drive.position(time_s) - drive.position(0.0) == pytest.approx(integral, abs=0.05)


@given(at=st.floats(-200, 400), arrive=st.floats(8, 30), wait=st.floats(1, 20), speed=speeds)
def test_a_stopping_drive_stands_where_and_while_it_was_told(
    at: float, arrive: float, wait: float, speed: float
) -> None:
    drive = Drive.stopping(at, arrive, arrive + wait, speed)
    for moment in (arrive, arrive + 0.5 * wait, arrive + wait):
        assert drive.position(moment) == pytest.approx(at, abs=1e-6)
        assert drive.speed(moment) == pytest.approx(0, abs=1e-9)
    assert drive.speed(arrive + wait + 60) == pytest.approx(speed)


@given(a=times, b=times)
def test_nothing_drives_backwards(a: float, b: float) -> None:
    drive = Drive.stopping(100, 20, 30, 8)
    assert drive.position(max(a, b)) >= drive.position(min(a, b))


def test_light_shows_the_last_change() -> None:
    light = LightPlan(((0.0, "green"), (10.0, "yellow"), (13.0, "red")))
    assert [light.state(t) for t in (-1.0, 0.0, 9.99, 10.0, 13.0, 99.0)] == [
        "green", "green", "green", "yellow", "red", "red",
    ]  # fmt: skip
