from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

from models.errors import BadUse
from pipelines.region import load_region
from pipelines.simulate import demo_plan as plan
from pipelines.simulate import patrol
from pipelines.simulate.georeference import MapFrame, gps_error
from pipelines.simulate.training_frames import RESERVED_SEEDS, render_training_frames
from pipelines.simulate.truth import read_truth
from pipelines.site import load_site
from vision.camera.pinhole import default_camera
from vision.geodesy import to_local
from vision.gps.gpx import read_gpx


@pytest.fixture
def rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> patrol.RenderedPatrol:
    """All but the videos."""

    def only_sidecars(folder: Path, seed: int) -> None:
        for name in ("patrol", "junction"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        patrol._write_sidecars(folder, seed)

    monkeypatch.setattr(patrol, "_render", only_sidecars)
    return patrol.render_patrol(tmp_path / "demo")


def test_demo_and_training_never_share_a_seed(tmp_path: Path) -> None:
    assert patrol.DEMO_SEED in RESERVED_SEEDS
    with pytest.raises(BadUse, match="reserved"):
        patrol.render_patrol(tmp_path, seed=1)
    with pytest.raises(BadUse, match="reserved"):
        render_training_frames(tmp_path, 1, patrol.DEMO_SEED)


def test_a_second_call_reuses_what_lies_there(rendered: patrol.RenderedPatrol) -> None:
    assert rendered.fresh
    assert not patrol.render_patrol(rendered.folder).fresh
    assert patrol.render_patrol(rendered.folder, seed=patrol.DEMO_SEED + 1).fresh


def test_the_site_file_says_what_the_rules_need(rendered: patrol.RenderedPatrol) -> None:
    site = load_site(rendered.folder / "junction" / "site.toml")
    camera = site.camera_for("20260914_085200.mp4")
    assert camera is not None
    assert camera.mounting == "fixed"
    assert camera.optics.complete
    optics = camera.optics.over(default_camera(1280, 720, "fixed"))
    forward, left = optics.to_ground(*np.array(camera.approach[0].stop_line).T)
    eye = plan.JUNCTION_CAMERA
    c, s = np.cos(eye.heading), np.sin(eye.heading)
    y = eye.y + c * forward - s * left
    assert y == pytest.approx([plan.STOP_LINE, plan.STOP_LINE], abs=0.3)
    assert len(camera.approach[0].signals) == 2
    assert shapely.Polygon(camera.no_parking[0].polygon).is_valid


def test_fixes_follow_the_drive_within_their_accuracy(rendered: patrol.RenderedPatrol) -> None:
    fixes = read_gpx(next((rendered.folder / "patrol").glob("*.gpx")))
    lon, lat = np.array([(fix.lon, fix.lat) for fix in fixes]).T
    poses = [plan.patrol_scenario().camera(float(second)) for second in range(len(fixes))]
    true_lon, true_lat = patrol.FRAME.to_map(np.array([p.x for p in poses]), np.array([p.y for p in poses]))
    east, north = to_local((patrol.FRAME.lon, patrol.FRAME.lat), lon, lat)
    true_east, true_north = to_local((patrol.FRAME.lon, patrol.FRAME.lat), true_lon, true_lat)
    off = np.hypot(east - true_east, north - true_north)
    assert 0.5 < np.sqrt(np.mean(off**2)) < 6
    assert fixes[1].utc_s - fixes[0].utc_s == 1
    assert fixes[0].utc_s == patrol.PATROL_START.timestamp()


def test_truth_lies_in_the_areas_it_names(rendered: patrol.RenderedPatrol) -> None:
    truth, region = read_truth(rendered.truth), load_region(rendered.region)
    inside = {
        one.name: any(area.polygon.contains(shapely.Point(one.lon, one.lat)) for area in region.areas)
        for one in truth.planted
        if one.kind == "illegal_parking" and one.file.endswith("083000.mp4")
    }
    assert inside == dict.fromkeys(plan.ILLEGALLY_PARKED, True)
    lawful = [one for one in truth.look_alikes if one.name.startswith("legal")]
    assert lawful
    assert not any(area.polygon.contains(shapely.Point(one.lon, one.lat)) for area in region.areas for one in lawful)
    assert all(one.end - one.start == timedelta(seconds=one.end_s - one.start_s) for one in truth.planted)


def test_the_map_frame_keeps_distances_and_bearing() -> None:
    frame = MapFrame(120.0, 31.0, np.radians(90.0))
    lon, lat = frame.to_map(0.0, 100.0)
    east, north = to_local((120.0, 31.0), lon, lat)
    assert (float(east), float(north)) == (pytest.approx(100, abs=0.01), pytest.approx(0, abs=0.01))


def test_gps_error_wanders_slowly() -> None:
    error = gps_error(np.random.default_rng(1), 4000, 2.5)
    assert error.std() == pytest.approx(2.5, rel=0.3)
    assert np.abs(np.diff(error, axis=0)).mean() < 1.0
