import numpy as np
import pytest

from pipelines.simulate import demo_plan as plan
from pipelines.simulate.objects import seen_at
from pipelines.simulate.patrol import DEMO_SEED

pytest.importorskip("panda3d")


def test_the_demo_shows_what_it_plants_and_where_it_says() -> None:
    scenario = plan.patrol_scenario()
    times = np.arange(0, plan.PATROL_S, 0.1)
    ahead = 54.0 - np.array([plan.PATROL.position(float(t)) for t in times])
    near = float(times[np.argmin(np.abs(ahead - 10.0))])
    frames = list(seen_at(scenario, DEMO_SEED, [near, 33.5]))
    bottle = next(thing for thing in frames[0].objects if thing.name == "bottle")
    assert bottle.label == "litter"
    assert bottle.share > 0.8
    assert bottle.box[1] > 0.5 * frames[0].picture.shape[0]
    lamps = {thing.label for thing in frames[1].objects if thing.name.startswith("head")}
    assert lamps == {"light_red"}
    assert any(thing.name == "runner" for thing in frames[1].objects)
