"""Site files say what is wrong with them, and where."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import SiteError
from pipelines.site import find_site, load_site
from tests.conftest import ROOT
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.lens import Lens

MINIMAL = '[site]\nname = "s"\n'
GROUND = MINIMAL + '[[camera]]\nname = "c"\nground = '
APPROACH = MINIMAL + '[[camera]]\nname = "c"\n[[camera.approach]]\nname = "a"\nfrom = [0, 9]\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_in_the_docs_loads(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "site-files.md").read_text(encoding="utf-8")
    example = re.findall(r"```toml\n(.*?)```", docs, re.S)[0]
    site = load_site(write(tmp_path, example))
    camera = site.camera_for("16h30.25.9.22.mp4")
    assert camera is not None
    assert camera.approach[0].before == (350, 470)
    assert camera.optics == GivenOptics("site file", 620.0, 320.0, 160.0, 4.9)
    assert camera.sync_of("16h30.mp4")[0][1].isoformat() == "2022-09-25T09:30:12+00:00"
    assert camera.no_parking[0].longest_stop_s == 60
    assert site.location is not None
    assert site.location.accuracy_m == 15


def test_the_optics_in_the_docs_are_those_of_the_camera(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "site-files.md").read_text(encoding="utf-8")
    optics = next(each for each in re.findall(r"```toml\n(.*?)```", docs, re.S) if "[camera.ground.lens]" in each)
    (camera,) = load_site(write(tmp_path, MINIMAL + '[[camera]]\nname = "c"\n' + optics)).cameras
    assert camera.optics.complete
    assert camera.optics == GivenOptics(
        "site file",
        905.0,
        961.0,
        512.0,
        1.34,
        Lens("fisheye", (0.03, -0.01), 540.0, pytest.approx(0.00698, rel=1e-3)),
        scale_std=0.06,
        pitch_std=pytest.approx(0.00873, rel=1e-3),
    )


@pytest.mark.parametrize(
    ("table", "given"),
    [
        ("{ focal_px = 905, height_m = 1.34 }", GivenOptics("site file", focal_px=905.0, height_m=1.34)),
        ("{ horizon_y = 500, pitch_std_deg = 1 }", GivenOptics("site file", horizon_y=500.0, pitch_std=np.radians(1))),
        ("{}", GivenOptics("site file")),
    ],
)
def test_part_of_the_optics_may_be_given(tmp_path: Path, table: str, given: GivenOptics) -> None:
    (camera,) = load_site(write(tmp_path, GROUND + table)).cameras
    assert camera.optics == given
    assert not camera.optics.complete


def test_the_docs_show_how_part_of_them_is_given(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "site-files.md").read_text(encoding="utf-8")
    tables = [each for each in re.findall(r"```toml\n(.*?)```", docs, re.S) if each.startswith("[camera.ground]")]
    (camera,) = load_site(write(tmp_path, MINIMAL + '[[camera]]\nname = "c"\n' + tables[-1])).cameras
    assert camera.optics == GivenOptics("site file", focal_px=905.0, height_m=1.34)


def test_a_camera_without_optics_gives_nothing(tmp_path: Path) -> None:
    (camera,) = load_site(write(tmp_path, MINIMAL + '[[camera]]\nname = "c"\n')).cameras
    assert camera.optics == NOTHING_GIVEN


def test_every_key_of_the_schema_is_in_the_docs() -> None:
    docs = (ROOT / "docs" / "site-files.md").read_text(encoding="utf-8")
    keys = "name zone place datum location files mounting ground sync stop_line from signals valid grace_s extend_m "
    keys += "focal_px centre_x horizon_y height_m scale_std pitch_std_deg lens centre_y model distortion roll_deg "
    for key in (keys + "polygon kind max_stop_s hours source").split():
        assert re.search(rf"\b{key}\b", docs), key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site", "not valid TOML"),
        (MINIMAL + 'zon = "Asia/Shanghai"', "site.zon: unknown key"),
        (
            GROUND
            + "{ focal_px = 1, centre_x = 1, horizon_y = 1, height_m = 1, "
            + 'lens = { centre_y = 1, model = "fisheye", distortion = [0, 0, 0, 0, 0] } }',
            "ground.lens: a fisheye lens has at most 4",
        ),
        (GROUND + "{ centre_x = 1, lens = { centre_y = 1 } }", "ground: lens says nothing without focal_px"),
        (GROUND + "{ horizon_y = 9, scale_std = 0.1 }", "scale_std says nothing without focal_px and height_m"),
        (GROUND + "{ focal_px = 1, height_m = 1, pitch_std_deg = 1 }", "pitch_std_deg says nothing without horizon_y"),
        (GROUND + "{ height_m = 0 }", "ground.height_m"),
        (MINIMAL + 'zone = "Asia/Nowhere"', "site.zone: not an IANA time zone"),
        (MINIMAL + 'zone = "Factory"', "site.zone: not an IANA time zone"),
        ("", "site"),
        (MINIMAL + '[[camera]]\nname = "c"\nfiles = "a.mp4"', 'camera.0.files: write a list: ["a.mp4"]'),
        (MINIMAL + '[camera]\nname = "c"', "camera: there may be several, write [[camera]]"),
        (
            MINIMAL + '[[camera]]\nname = "c"\n[camera.approach]\nname = "a"',
            "camera.0.approach: there may be several, write [[camera.approach]]",
        ),
        (APPROACH + "stop_line = 5", "camera.0.approach.0.stop_line: write a list"),
        (APPROACH, "camera.0.approach.0.stop_line"),
        (APPROACH + "stop_line = [[1, 2]]", "camera.0.approach.0.stop_line"),
        (APPROACH + "stop_line = [[1, 2], [3, 4]]\nsignals = [[5, 5, 4, 9]]", "signals.0: a box is"),
        (APPROACH + "stop_line = [[1, 2], [3, 4]]\nvalid = [5, 4]", "valid: a time range"),
        (APPROACH + "stop_line = [[1, 2], [3, 4]]\ngrace_s = -1", "grace_s"),
        (
            MINIMAL
            + '[[camera]]\nname="c"\n[[camera.no_parking]]\nname="n"\npolygon=[[0,0],[1,0],[1,1]]\nhours="sometimes"',
            "hours: not an OSM",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SiteError, match=re.escape(said)) as caught:
        load_site(path)
    assert str(path) in caught.value.message
    assert caught.value.advice


def test_a_missing_file_is_a_site_error(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        load_site(tmp_path / "none.toml")


def test_a_chinese_datum_is_converted(tmp_path: Path) -> None:
    text = MINIMAL + 'datum = "gcj02"\nlocation = { lon = 116.41024449916938, lat = 39.91640428150164 }'
    location = load_site(write(tmp_path, text)).location
    assert location is not None
    assert (location.lon, location.lat) == pytest.approx((116.404, 39.915), abs=2e-6)


def test_the_videos_own_site_file_comes_before_the_folders(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    assert find_site(video) is None
    folders = write(tmp_path, MINIMAL)
    assert find_site(video) == folders
    own = tmp_path / "a.site.toml"
    own.write_text(MINIMAL)
    assert find_site(video) == own


def test_the_first_camera_whose_globs_match_is_taken(tmp_path: Path) -> None:
    cameras = '[[camera]]\nname = "f"\nfiles = ["*F.mp4"]\n[[camera]]\nname = "rest"\n'
    site = load_site(write(tmp_path, MINIMAL + cameras))
    assert [site.camera_for(name).name for name in ("x/1F.mp4", "1R.mp4")] == ["f", "rest"]  # type: ignore[union-attr]
