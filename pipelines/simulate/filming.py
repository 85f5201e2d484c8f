"""A scenario to an H.264 file."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pipelines.simulate import demo_plan, surfaces
from pipelines.simulate.lens import Film
from pipelines.simulate.mesh import merge
from pipelines.simulate.scenario import Cast, Scenario
from pipelines.simulate.stage import Stage
from pipelines.simulate.street import (
    DRAWN_TO,
    Street,
    fallen_leaves,
    houses,
    junction_lines,
    kerb_line,
    lane_lines,
    lay_ground,
    manhole,
    random_materials,
    tree,
)

WIDTH, HEIGHT, RATE = 1280, 720, 25


def build(stage: Stage, scenario: Scenario, seed: int) -> Cast:
    """The demo's street with a scenario's cast. The same seed gives the same street, whatever happens in it."""
    stage.clear()
    layout = scenario.layout
    rng = np.random.default_rng((seed, 1))
    street = Street(layout)
    stage.light((0.56, 0.57, 0.6), (0.55, 0.53, 0.47), (-0.5, -0.45, 0.9))
    stage.add_sky(surfaces.sky(rng, 1.0))
    made_of = random_materials(rng)
    lay_ground(stage, layout, made_of)
    made = lane_lines(layout, made_of, 3.0, 5.0, double=True) + junction_lines(layout, made_of, zebra=True)
    for _, y1, _, y2 in (demo_plan.NO_PARKING_WEST, demo_plan.NO_PARKING_EAST):
        made.append(kerb_line(layout, (0.75, 0.57, 0.2), y1, y2))
    stage.add_ground(merge(made), 2)
    for x, y in demo_plan.MANHOLES:
        manhole(stage, x, y, 0.2)
    for x, y in demo_plan.LEAVES:
        fallen_leaves(stage, rng, x, y, 2.2)
    houses(stage, layout, rng, far=520, gaps=0.15)
    _trees(stage, scenario, rng)
    return Cast(stage, street, scenario, np.random.default_rng((seed, 2)))


def _trees(stage: Stage, scenario: Scenario, rng: np.random.Generator) -> None:
    green = surfaces.leaves(rng)
    edge = scenario.layout.edge
    for y in np.arange(-12.0, 440.0, 36.0):
        for sign in (-1, 1):
            at = float(y + rng.uniform(-4, 4))
            if 205 < at < 255:
                continue
            stage.place(stage.add(tree(rng, green), DRAWN_TO), sign * (edge + 2.6), at)


def film(scenario: Scenario, path: Path, seed: int, recorded_at: datetime) -> None:
    """Renders a scenario; the container says it was recorded at `recorded_at` (aware)."""
    stage = Stage(WIDTH, HEIGHT)
    cast = build(stage, scenario, seed)
    stock = Film(WIDTH, HEIGHT, np.random.default_rng((seed, 3)))
    count = round(scenario.duration_s * RATE)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        container.metadata["creation_time"] = recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "25", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        stream.codec_context.thread_count = 1
        for index in range(count):
            cast.at(index / RATE)
            frame = av.VideoFrame.from_ndarray(stock.expose(stage.picture()), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
