"""What the law drew on the road is drawn on the pictures that show who broke it."""

from __future__ import annotations

from dataclasses import replace

from pipelines.batch.judge import law_lines
from pipelines.incident import Kind
from pipelines.site import Approach, Crosswalk, NoParking, Site, SiteCamera
from tests.pipelines import moving_plate as scene
from vision.log import SourceFile

AREA = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))
STRIPES = ((20.0, 0.0), (29.0, 0.0), (29.0, 9.0))
LINE = ((0.0, 50.0), (90.0, 50.0))
CAMERA = SiteCamera(
    "c",
    approach=(Approach("south", LINE, (40.0, 90.0)),),
    no_parking=(NoParking("kerb", AREA),),
    crosswalk=(Crosswalk(STRIPES),),
)
LOG = scene.log_of(SourceFile("a.mp4", "a" * 64, 1, 0.0, 0.0, 8.0))


def lines(kind: Kind, site: Site | None = Site("s", None, None, None, (CAMERA,))) -> tuple[object, ...]:
    return law_lines(replace(scene.finding(), kind=kind), LOG, site)


def test_who_parks_is_shown_with_every_area_where_nobody_may() -> None:
    assert lines(Kind.ILLEGAL_PARKING) == ((*AREA, AREA[0]), (*STRIPES, STRIPES[0]))


def test_who_runs_a_red_light_is_shown_with_the_stop_line() -> None:
    assert lines(Kind.RED_LIGHT_RUNNING) == (LINE,)


def test_nothing_is_drawn_where_nothing_is_given() -> None:
    assert lines(Kind.LITTER) == lines(Kind.ILLEGAL_PARKING, None) == ()
