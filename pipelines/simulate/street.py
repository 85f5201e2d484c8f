"""The fixed parts of a street that runs along +y, its middle at x = 0: ground, kerbs, paint, houses, trees."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.simulate import rubbish, surfaces
from pipelines.simulate.mesh import Colour, Mesh, box, flat, merge, quad, tube
from pipelines.simulate.model import Model, Part, Picture
from pipelines.simulate.stage import Actor, Stage

NEAR, FAR = -60.0, 620.0
STOP_LINE_BEFORE = 5.2
# At 170 m a car is 9 px wide in a 1280 px picture: drawing beyond costs time and shows nothing.
DRAWN_TO = 170.0
STOP_LINE_WIDTH = 0.4


@dataclass(frozen=True, slots=True)
class Layout:
    """`lane`: width of each of `lanes` per direction. `bay`: width of a parking lane at each side. `junction`: y of
    the crossing road's near edge, None for none; `crossing`: that road's width.
    """

    lane: float
    lanes: int
    pavement: float
    junction: float | None
    crossing: float = 12.0
    bay: float = 0.0
    kerb: float = 0.12
    near: float = NEAR
    far: float = FAR

    @property
    def edge(self) -> float:
        """Half the width of the carriageway, parking lanes included."""
        return self.lane * self.lanes + self.bay

    @property
    def stop_line(self) -> float | None:
        """Y of the middle of the stop line of those who drive along +y."""
        return None if self.junction is None else self.junction - STOP_LINE_BEFORE

    def lane_middle(self, lane: int, *, oncoming: bool = False) -> float:
        """X of the middle of a lane counted from the road's middle."""
        return (lane + 0.5) * self.lane * (-1 if oncoming else 1)

    def blocks(self) -> list[tuple[float, float]]:
        """Stretches of y without the crossing road."""
        if self.junction is None:
            return [(self.near, self.far)]
        return [(self.near, self.junction - 1), (self.junction + self.crossing + 1, self.far)]

    def level(self, x: float) -> float:
        """Height of the ground."""
        return self.kerb if abs(x) > self.edge else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Materials:
    road: Picture
    beyond: Picture
    slabs: Picture
    kerb: Colour
    white: Colour
    yellow: Colour
    tile: float


@dataclass(eq=False, slots=True)
class Street:
    """What stands in it. `small`, `heads`: places worth a close look, (x, y, z)."""

    layout: Layout
    actors: list[Actor] = field(default_factory=list)
    small: list[tuple[float, float, float]] = field(default_factory=list)
    heads: list[tuple[float, float, float]] = field(default_factory=list)


def random_materials(rng: np.random.Generator) -> Materials:
    white = rng.uniform(0.6, 0.95)
    grey = rng.uniform(0.45, 0.75)
    return Materials(
        surfaces.asphalt(rng),
        surfaces.grass(rng) if rng.random() < 0.4 else surfaces.paving(rng),
        surfaces.paving(rng),
        (grey, grey, grey),
        (white, white, white * 0.97),
        (0.75, 0.57, 0.2) if rng.random() < 0.5 else (white, white, white * 0.97),
        rng.uniform(4, 9),
    )


def put(stage: Stage, street: Street, model: Model, x: float, y: float, heading: float = 0.0, z: float = 0.0) -> Actor:
    """Stands a model in the street, with its shadow."""
    actor = stage.add(model, DRAWN_TO)
    if model.shadow:
        picture, alpha = surfaces.SOFT_SPOT
        wide, long = model.width * 0.62, model.length * 0.62
        stage.add_shadow(actor, flat(-wide, -long, wide, long, 0.0, (1, 1, 1)), picture, alpha)
    stage.place(actor, x, y, heading, z)
    street.actors.append(actor)
    return actor


def scenery(stage: Stage, parts: list[Part]) -> Actor:
    """Unlabelled and unmoving things, where their vertices say."""
    return stage.add(Model(tuple(parts), 0, 0, 0, shadow=False))


def lay_ground(stage: Stage, layout: Layout, made_of: Materials) -> None:
    edge, white = layout.edge, (1.0, 1.0, 1.0)
    stage.add_ground(flat(-300, layout.near, 300, layout.far, colour=white, tile=8), 0, made_of.beyond)
    stage.add_ground(flat(-edge, layout.near, edge, layout.far, colour=white, tile=made_of.tile), 1, made_of.road)
    if layout.junction is not None:
        across = flat(-250, layout.junction, 250, layout.junction + layout.crossing, colour=white, tile=made_of.tile)
        stage.add_ground(across, 1, made_of.road)
    for y1, y2 in layout.blocks():
        for sign in (-1, 1):
            inner, outer = sign * edge, sign * (edge + layout.pavement)
            top = flat(min(inner, outer), y1, max(inner, outer), y2, layout.kerb, white, 3.0)
            corners = [np.array([inner, y, z]) for y, z in ((y1, 0), (y2, 0), (y2, layout.kerb), (y1, layout.kerb))]
            stone = quad(corners[0], corners[1], corners[2], corners[3], made_of.kerb)
            scenery(stage, [Part(top, None, made_of.slabs), Part(stone)])


def lane_lines(layout: Layout, made_of: Materials, dash: float, gap: float, *, double: bool) -> list[Mesh]:
    made = []
    for y1, end in layout.blocks():
        y2 = end - 5 if layout.junction is not None and end < layout.junction else end
        made += [_line(x, y1, y2, made_of.yellow) for x in ((-0.12, 0.12) if double else (0.0,))]
        starts = np.arange(y1, y2, dash + gap)
        between = [sign * lane * layout.lane for lane in range(1, layout.lanes) for sign in (-1, 1)]
        made += [_line(x, y, y + dash, made_of.white) for x in between for y in starts]
        if layout.bay:
            made += [_line(sign * layout.lane * layout.lanes, y1, y2, made_of.white) for sign in (-1, 1)]
    return made


def junction_lines(layout: Layout, made_of: Materials, *, zebra: bool) -> list[Mesh]:
    """Stop lines of both directions and zebras; empty without a junction."""
    if layout.junction is None or layout.stop_line is None:
        return []
    half, reach = STOP_LINE_WIDTH / 2, layout.lane * layout.lanes - 0.1
    far = layout.junction + layout.crossing + STOP_LINE_BEFORE
    made = [
        flat(0.1, layout.stop_line - half, reach, layout.stop_line + half, colour=made_of.white),
        flat(-reach, far - half, -0.1, far + half, colour=made_of.white),
    ]
    if zebra:
        for y in (layout.junction - 4.2, layout.junction + layout.crossing + 1):
            bars = np.arange(-layout.edge + 0.3, layout.edge - 0.5, 0.95)
            made += [flat(x, y, x + 0.48, y + 3, colour=made_of.white) for x in bars]
    return made


def kerb_line(layout: Layout, colour: Colour, y1: float, y2: float) -> Mesh:
    """A line painted along the right-hand kerb."""
    return _line(layout.edge - 0.25, y1, y2, colour)


def _line(x: float, y1: float, y2: float, colour: Colour) -> Mesh:
    return flat(x - 0.07, y1, x + 0.07, y2, colour=colour)


def manhole(stage: Stage, x: float, y: float, tone: float) -> None:
    disc = tube(np.array([x, y, -0.01]), np.array([x, y, 0.0]), 0.33, colour=(tone, tone, tone), n=14)
    stage.add_ground(disc, 3)


def fallen_leaves(stage: Stage, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    picture, alpha = rubbish.leaf_picture(rng)
    stage.add_ground(rubbish.decal(x, y, size), 4, picture, alpha)


def houses(stage: Stage, layout: Layout, rng: np.random.Generator, far: float, gaps: float = 0.2) -> None:
    """Rows of houses along both pavements up to y = `far`; `gaps`: how often there is space between two."""
    pictures = [surfaces.facade(rng) for _ in range(6)]
    parts: dict[int, list[Mesh]] = {index: [] for index in range(6)}
    for sign in (-1, 1):
        for y1, y2 in layout.blocks():
            y = max(y1, -30.0)
            while y < min(y2, far):
                length = float(min(rng.uniform(8, 24), y2 - y))
                x = sign * (layout.edge + layout.pavement + rng.uniform(0.0, 2.0) + 6.0)
                block = box((12.0, length, float(rng.uniform(6, 26))), (1, 1, 1)).moved(x, y + length / 2, 0)
                parts[int(rng.integers(6))].append(block)
                y += length + (rng.uniform(1, 10) if rng.random() < gaps else 0.0)
    scenery(stage, [Part(merge(meshes), None, pictures[index]) for index, meshes in parts.items() if meshes])


def tree(rng: np.random.Generator, picture: Picture) -> Model:
    height = rng.uniform(2.4, 5)
    trunk = tube(np.zeros(3), np.array([0, 0, height]), 0.16, 0.1, (0.28, 0.2, 0.14))
    clumps = []
    for _ in range(int(rng.integers(4, 8))):
        size = rng.uniform(0.9, 1.8)
        at = rng.normal(0, 0.9, 3)
        clump = rubbish.crumpled(rng, (size, size, size * 0.8), (1, 1, 1), 0.12, sides=9)
        clumps.append(clump.moved(at[0], at[1], height + 0.2 + abs(at[2])))
    return Model((Part(trunk), Part(merge(clumps), None, picture)), 2, 2, height + 2, shadow=False)
