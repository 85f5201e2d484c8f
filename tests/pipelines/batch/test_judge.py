"""A judgement says what was found, and what was seen; what the law drew on the road is drawn on the pictures that show
who broke it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h3

from pipelines.batch.judge import JudgeJob, ObservedFile, law_lines
from pipelines.coverage import cells_seen
from pipelines.incident import Kind
from pipelines.site import Approach, Crosswalk, NoParking, Site, SiteCamera
from tests.pipelines import moving_plate as scene
from tests.pipelines.covered_log import ORIGIN, patrol
from tests.pipelines.detectors import WhiteSquares
from tests.pipelines.logs import make_log
from vision.log import Mounting, SourceFile
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


SITE = '[site]\nname = "s"\nlocation = { lon = 8.4, lat = 49.0 }\n'
HERE = h3.latlng_to_cell(49.0, 8.4, 12)


def test_a_camera_that_stands_has_been_where_its_site_file_says(tmp_path: Path) -> None:
    """So that what was not found there counts as 0. A position log knows better; a car's site file tells no place."""
    (tmp_path / "site.toml").write_text(SITE)

    def cells(mounting: Mounting, site: Path | None, origin: tuple[float, float] | None = None) -> tuple[str, ...]:
        log = tmp_path / f"{len(list(tmp_path.iterdir()))}.obs"
        write_log(make_log(duration_s=2.0, mounting=mounting, origin=origin), log)
        files = (ObservedFile(tmp_path / "a.mp4", log),)
        job = JudgeJob("drive", "pole", files, (Kind.LITTER,), tmp_path / "evidence", site)
        return job.run(WhiteSquares(), lambda _: None).files[0].cells

    site = tmp_path / "site.toml"
    assert cells("fixed", site) == (HERE,)
    assert cells("fixed", None) == cells("moving", site) == ()
    assert cells("fixed", site, ORIGIN) not in ((), (HERE,))


def test_nothing_is_drawn_where_nothing_is_given() -> None:
    assert lines(Kind.LITTER) == lines(Kind.ILLEGAL_PARKING, None) == ()
