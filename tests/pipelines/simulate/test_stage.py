from collections.abc import Iterator

import numpy as np
import pytest

from pipelines.simulate import signals, vehicles
from pipelines.simulate.labels import seen
from pipelines.simulate.mesh import box
from pipelines.simulate.model import Model, Part
from pipelines.simulate.stage import Pose, Stage

pytest.importorskip("panda3d")


@pytest.fixture(scope="module")
def shared_stage() -> Stage:
    return Stage(640, 360)


@pytest.fixture
def stage(shared_stage: Stage) -> Iterator[Stage]:
    shared_stage.clear()
    yield shared_stage
    shared_stage.clear()


def cube(label: str | None = "car") -> Model:
    return Model((Part(box((2, 2, 2), (0.8, 0.2, 0.2)), label),), 2, 2, 2)


@pytest.mark.parametrize(
    "pose",
    [Pose(0, 0, 1.5), Pose(2, -3, 1.2, 0.2, -0.1, 0.03, 95.0), Pose(-1, 1, 4.0, -0.15, -0.2, 0.0, 60.0)],
)
def test_drawn_boxes_are_where_the_projection_says(stage: Stage, pose: Pose) -> None:
    actor = stage.add(cube())
    stage.place(actor, 1.0, 15.0, 0.4)
    stage.look(pose)
    thing = seen(stage, [actor], stage.identities(), pose)[0]
    c, s = np.cos(0.4), np.sin(0.4)
    points = actor.model.parts[0].mesh.vertices
    world = np.stack(
        [c * points[:, 0] - s * points[:, 1] + 1, s * points[:, 0] + c * points[:, 1] + 15, points[:, 2]], 1
    )
    projected = stage.project(world, pose)[:, :2]
    assert thing.box == pytest.approx((*projected.min(0), *projected.max(0)), abs=1.5)
    assert thing.share > 0.95


def test_what_stands_behind_something_is_less_visible(stage: Stage) -> None:
    behind, front = stage.add(cube("car")), stage.add(cube(None))
    pose = Pose(0, 0, 1.0)
    stage.look(pose)
    stage.place(behind, 0, 20)
    shares = []
    for x in (4.0, 0.9, 0.0):
        stage.place(front, x, 12)
        found = seen(stage, [behind], stage.identities(), pose)
        shares.append(found[0].share if found else 0.0)
    assert shares[0] > 0.9
    assert 0.1 < shares[1] < 0.8
    assert shares[2] == 0.0


def test_identities_stay_apart_beyond_one_colour_channel(stage: Stage) -> None:
    actors = [stage.add(cube()) for _ in range(40)]
    for index, actor in enumerate(actors):
        stage.place(actor, (index % 10 - 4.5) * 4, 30 + index // 10 * 8, 0, index // 10 * 4.0)
    pose = Pose(0, 0, 6.0)
    stage.look(pose)
    assert {thing.actor for thing in seen(stage, actors, stage.identities(), pose)} == set(range(40))


def test_a_lit_lamp_has_its_colour(stage: Stage) -> None:
    stage.look(Pose(0, 0, 3.0))
    means = {}
    for lamp in ("red", "green"):
        stage.clear()
        actor = stage.add(signals.head(lamp))
        stage.place(actor, 0, 4, 0, 3.0)
        picture = stage.picture().astype(int)
        bright = picture[picture.max(2) > 200]
        means[lamp] = bright.mean(0)
    assert means["red"][0] > means["red"][1] + 60
    assert means["green"][1] > means["green"][0] + 60


def test_things_beyond_the_drawing_distance_are_not_drawn(stage: Stage) -> None:
    actor = stage.add(vehicles.car(np.random.default_rng(1)), drawn_to=100)
    pose = Pose(0, 0, 1.5)
    stage.look(pose)
    for y, visible in ((60, True), (140, False)):
        stage.place(actor, 0, y)
        assert bool(seen(stage, [actor], stage.identities(), pose)) is visible
