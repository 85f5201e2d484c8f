from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from models.detections import Detections
from models.taxonomy import CLASS_ID, STREET_CLASSES
from tests.vision.make_video import write_video
from vision.camera.given_optics import NOTHING_GIVEN, GivenOptics
from vision.errors import NotAVideo, VideoError
from vision.geodesy import to_wgs84
from vision.gps.track import GpsTrack
from vision.log import Clock, GroundCamera, Mounting, ObservationLog
from vision.log_store import read_log, write_log
from vision.observe import ObserveSettings, config_sha256, observe
from vision.places.feet import OVERHANG_M

WIDTH, HEIGHT, RATE = 640, 360, 15
RED = (220, 30, 30)


class RedBoxes:
    """Finds bright red areas and calls them cars."""

    model_id = "red@000000000000+test"
    thresholds = np.full(len(STREET_CLASSES), 0.3, np.float32)

    def detect(self, picture: np.ndarray) -> Detections:
        red = (picture[..., 0] > 160) & (picture[..., 1] < 90)
        if red.sum() < 50:
            return Detections.empty()
        rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
        box = np.array([[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.array([CLASS_ID["car"]], np.int16))


def street(seed: int = 1) -> np.ndarray:
    grey = np.random.default_rng(seed).random((HEIGHT, WIDTH)) * 255
    soft = cv2.GaussianBlur(grey.astype(np.uint8), (0, 0), 3).astype(int)
    return np.repeat(((soft - 128) * 4 + 110).clip(0, 150).astype(np.uint8)[..., None], 3, axis=2)


def film(path: Path, seconds: float, car_step: float, scene: np.ndarray, after: np.ndarray | None = None) -> Path:
    """A fixed view of `scene` through which a red car moves by `car_step` pixels a frame; halfway `after` begins."""
    frames = round(seconds * RATE)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            picture = (scene if after is None or number < frames / 2 else after).copy()
            x = round(60 + car_step * number)
            picture[200:250, x : x + 90] = RED
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> ObservationLog:
    return observe(film(tmp_path_factory.mktemp("v") / "stands.mp4", 4.0, 0.0, street()), RedBoxes(), camera="pole")


def test_a_standing_car_before_a_fixed_camera(standing: ObservationLog) -> None:
    assert standing.meta.mounting == "fixed"
    assert standing.meta.camera == "pole"
    assert standing.meta.model == RedBoxes.model_id
    assert (standing.meta.width, standing.meta.height) == (WIDTH, HEIGHT)
    assert standing.tracks.track.tolist() == [1]
    assert standing.tracks.at_rest[0] > 0.9
    np.testing.assert_allclose(standing.observations.boxes[5], [60, 200, 150, 250], atol=3)
    assert standing.frames.standing.all()
    assert not standing.frames.cut.any()


def test_times_are_container_times(standing: ObservationLog) -> None:
    file = standing.meta.files[0]
    assert file.first_s == pytest.approx(0.0)
    assert file.last_s == pytest.approx(4.0 - 1 / RATE, abs=0.01)
    np.testing.assert_allclose(standing.observations.time_s, standing.frames.time_s[standing.observations.frame])
    assert np.allclose(standing.frames.time_s * RATE, np.round(standing.frames.time_s * RATE), atol=0.02)


def test_a_log_goes_to_disk_and_back(standing: ObservationLog, tmp_path: Path) -> None:
    write_log(standing, tmp_path / "a.obs")
    again = read_log(tmp_path / "a.obs")
    assert again.meta == standing.meta
    np.testing.assert_array_equal(again.observations.boxes, standing.observations.boxes)


def test_a_driving_car_is_one_track_that_is_not_at_rest(tmp_path: Path) -> None:
    told: list[float] = []
    log = observe(film(tmp_path / "drives.mp4", 4.0, 7.0, street()), RedBoxes(), progress=told.append)
    assert len(log.tracks.track) == 1
    assert log.tracks.at_rest[0] < 0.1
    assert told == sorted(told)
    assert told[-1] == pytest.approx(59 / RATE, abs=1 / 6)


def test_a_hard_cut_ends_all_tracks(tmp_path: Path) -> None:
    video = film(tmp_path / "cut.mp4", 4.0, 0.0, street(), after=255 - street(9) // 2)
    log = observe(video, RedBoxes())
    assert log.frames.time_s[log.frames.cut] == pytest.approx([2.0], abs=0.2)
    assert len(log.tracks.track) == 2


def test_a_truncated_file_gives_what_was_seen_and_says_so(tmp_path: Path) -> None:
    video = film(tmp_path / "whole.ts", 4.0, 0.0, street())
    broken = bytearray(video.read_bytes())
    third = len(broken) // 3
    broken[third : third * 2] = bytes(third)
    (tmp_path / "broken.ts").write_bytes(broken)
    log = observe(tmp_path / "broken.ts", RedBoxes())
    assert log.meta.files[0].damage
    assert len(log.observations.track) > 3


def test_what_is_no_video_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no video" * 100)
    with pytest.raises(NotAVideo):
        observe(path, RedBoxes())


def test_gps_places_the_log_on_earth(tmp_path: Path) -> None:
    zero = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    times = np.arange(5.0)
    lon, lat = to_wgs84((8.43, 49.01), np.zeros(5), np.zeros(5))
    nan = np.full(5, np.nan)
    gps = GpsTrack(times + zero.timestamp(), nan, lon, lat, np.zeros(5), nan, np.full(5, 2.0), "gpx")
    video = film(tmp_path / "placed.mp4", 4.0, 0.0, street())
    log = observe(video, RedBoxes(), gps=gps, clock=Clock(zero, 0.5, "gps"))
    assert log.meta.origin == pytest.approx((8.43, 49.01))
    assert log.frames.lat == pytest.approx(49.01, abs=1e-5)


def test_given_optics_are_used_and_change_the_configuration(tmp_path: Path) -> None:
    camera = GroundCamera(500.0, 320.0, 150.0, 4.0, ("site file",))
    given = GivenOptics("site file", 500.0, 320.0, 150.0, 4.0)
    log = observe(film(tmp_path / "site.mp4", 2.0, 0.0, street()), RedBoxes(), given=given)
    assert log.meta.ground_camera == camera
    tyres = 500.0 * 4.0 / (log.observations.boxes[:, 3] - 150.0)
    np.testing.assert_allclose(log.observations.forward_m, tyres - OVERHANG_M, rtol=1e-5)
    settings = ObserveSettings()
    assert config_sha256(settings) == config_sha256(ObserveSettings())
    partly = (replace(given, horizon_y=None), replace(given, horizon_y=None, scale_std=0.1))
    hashes = {config_sha256(settings, each) for each in (NOTHING_GIVEN, given, *partly)}
    assert len(hashes | {config_sha256(ObserveSettings(flow_hz=5))}) == 5


@pytest.mark.parametrize("mounting", ["fixed", "moving"])
def test_what_is_given_of_the_optics_is_held_and_the_rest_found(mounting: Mounting, tmp_path: Path) -> None:
    given = GivenOptics("site file", focal_px=500.0, height_m=4.0)
    log = observe(film(tmp_path / "part.mp4", 2.0, 0.0, street()), RedBoxes(), given=given, mounting=mounting)
    camera = log.meta.ground_camera
    assert (camera.focal_px, camera.height_m, camera.scale_std) == (500.0, 4.0, 0.05)
    assert camera.centre_x == WIDTH / 2
    # One car of 50 pixels that stands in row 250: 4 m up, its horizon is about 130 rows above its wheels.
    assert camera.horizon_y == pytest.approx(250 - 4.0 * 50 / 1.52, abs=40)
    assert camera.sources == ("site file", "default", "traffic")


@pytest.mark.parametrize("sha256", [None, "0" * 64])
def test_a_file_that_goes_away_while_it_is_watched_is_a_typed_error(sha256: str | None, tmp_path: Path) -> None:
    video = write_video(tmp_path / "pulled.mp4", [0.0, 0.1])
    with pytest.raises(VideoError, match=r"pulled\.mp4 cannot be read"):
        observe(video, RedBoxes(), sha256=sha256, progress=lambda _: video.unlink(missing_ok=True))


class Nothing(RedBoxes):
    def detect(self, picture: np.ndarray) -> Detections:
        return Detections.empty()


@pytest.mark.parametrize("times_s", [[0.0], [0.0, 0.1], [5.0 * number for number in range(6)], [0.0, 0.1, 60.0, 60.1]])
@pytest.mark.parametrize("detector", [RedBoxes(), Nothing()])
@pytest.mark.parametrize("mounting", [None, "fixed", "moving"])
def test_few_frames_far_apart_and_nothing_in_them(
    times_s: list[float], detector: RedBoxes, mounting: Mounting | None, tmp_path: Path
) -> None:
    log = observe(write_video(tmp_path / "short.mp4", times_s), detector, mounting=mounting)
    assert len(log.frames.time_s) >= 1
    assert log.frames.time_s[-1] <= times_s[-1] + 1e-6
    write_log(log, tmp_path / "short.obs")
    assert read_log(tmp_path / "short.obs").meta == log.meta


def test_a_log_says_how_well_and_what_ground_was_seen(standing: ObservationLog) -> None:
    assert np.diff(standing.quality.time_s) == pytest.approx(1.0, abs=0.1)
    assert standing.quality.usable.all()
    assert not standing.quality.shifted.any()
    assert standing.coverage.standing.all()
    assert (standing.coverage.last_s - standing.coverage.first_s).sum() == pytest.approx(4.0, abs=0.3)
    assert np.isfinite(standing.coverage.quality).any()
