from __future__ import annotations

import numpy as np
import pytest

from tests.vision.logs import Thing, make_log
from vision.markings.lane_flow import Flow, across_flow, traffic_flow


def flow_along(angle: float, count: int = 6) -> Flow:
    way = np.array([np.cos(angle), np.sin(angle)])
    return Flow(np.arange(count)[:, None] * way, np.tile(way, (count, 1)))


@pytest.mark.parametrize("angle", [0.0, 0.7, 1.5, -2.5])
def test_across_is_square_to_the_way_whichever_way_it_is_driven(angle: float) -> None:
    both = flow_along(angle), flow_along(angle + np.pi)
    flow = Flow(np.concatenate([one.places for one in both]), np.concatenate([one.ways for one in both]))
    across = across_flow(flow, np.zeros((1, 2)))[0]
    assert across @ [np.cos(angle), np.sin(angle)] == pytest.approx(0.0, abs=1e-9)
    assert np.hypot(*across) == pytest.approx(1.0)


def test_where_nobody_passes_nothing_is_known() -> None:
    assert np.isnan(across_flow(flow_along(0.0), np.array([[200.0, 0.0]]))).all()


def test_where_all_cross_each_other_nothing_is_known() -> None:
    flows = [flow_along(0.0), flow_along(np.pi / 2)]
    flow = Flow(np.concatenate([one.places for one in flows]), np.concatenate([one.ways for one in flows]))
    assert np.isnan(across_flow(flow, np.zeros((1, 2)))).all()


def test_the_flow_is_that_of_vehicles_not_of_people() -> None:
    near, far = (600.0, 500.0, 700.0, 600.0), (600.0, 390.0, 640.0, 420.0)
    log = make_log(Thing("car", near, far), Thing("person", (100.0, 500.0, 140.0, 600.0), (900.0, 500.0, 940.0, 600.0)))
    flow = traffic_flow(log.observations)
    assert len(flow.places)
    assert np.all(flow.ways[:, 0] > 0.9)


def test_a_log_without_traffic_has_no_flow() -> None:
    assert len(traffic_flow(make_log().observations).places) == 0
