"""A judgement says what was found, and what was seen; what the law drew on the road is drawn on the pictures that show
who broke it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipelines.batch.judge import JudgeJob, ObservedFile, law_lines
from pipelines.coverage import cells_seen
from pipelines.incident import Kind
from pipelines.site import Approach, Crosswalk, NoParking, Site, SiteCamera
from tests.pipelines import moving_plate as scene
from tests.pipelines.covered_log import patrol
from tests.pipelines.detectors import WhiteSquares
from vision.log import SourceFile
from vision.log_store import write_log

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


def test_a_judgement_says_what_each_file_showed(tmp_path: Path) -> None:
    log = patrol()
    write_log(log, tmp_path / "a.obs")
    files = (ObservedFile(tmp_path / "renamed.mp4", tmp_path / "a.obs"),)
    job = JudgeJob("drive", "car7", files, (Kind.LITTER,), tmp_path / "evidence")
    (file,) = job.run(WhiteSquares(), lambda _: None).files
    assert file.name == "renamed.mp4"
    assert {each.sought for each in file.coverage} == {"litter", "vehicle"}
    assert file.coverage == cells_seen(log)[0]


def test_nothing_is_drawn_where_nothing_is_given() -> None:
    assert lines(Kind.LITTER) == lines(Kind.ILLEGAL_PARKING, None) == ()
