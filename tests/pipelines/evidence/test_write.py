"""Evidence shows the event, leads back to its source, and shows no plate."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.detections import Detections
from models.taxonomy import CLASS_ID
from pipelines.evidence.frames import Footage
from pipelines.evidence.look import Looker
from pipelines.evidence.store import EvidenceStore
from pipelines.evidence.write import EvidenceWriter
from pipelines.incident import EvidenceItem, Grade, Moment, Role
from tests.pipelines import moving_plate as scene


class PlateDetector:
    """Finds the scene's only plate by its white strokes, and less than half surely that there is a car."""

    model_id = "plate-finder@0"
    thresholds = np.full(14, 0.5, np.float32)

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        rows, columns = np.nonzero(picture.min(axis=2) > 200)
        if not len(rows):
            return Detections.empty()
        plate = np.array([columns.min(), rows.min(), columns.max() + 3, rows.max()], np.float32)
        boxes = np.array([plate, plate + np.array([-30, -60, 30, 10])], np.float32)
        classes = np.array([CLASS_ID["licence_plate"], CLASS_ID["car"]], np.int16)
        return Detections(boxes, np.array([0.15, 0.1], np.float32), classes)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.write_video(tmp_path_factory.mktemp("video") / "car7.mp4")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


def footage_of(video: Path) -> Footage:
    return Footage(scene.log_of(scene.source(video)), (video,))


def written(store: EvidenceStore, footage: Footage, **options: object) -> dict[str, EvidenceItem]:
    found = scene.finding(**options)  # type: ignore[arg-type]
    incident = scene.incident_of(footage.log, found)
    return {item.name: item for item in EvidenceWriter(store, Looker(None)).write(footage, found, incident)}


def decoded(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    with av.open(str(path)) as container:
        return [(float(frame.time or 0), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def texture(picture: NDArray[np.uint8], time_s: float) -> float:
    """Mean difference of neighbouring columns inside the plate: strokes make it high."""
    x1, y1, x2, y2 = (round(side) for side in scene.plate_box(time_s))
    plate = picture[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2].mean(axis=2)
    return float(np.abs(np.diff(plate, axis=1)).mean())


def test_a_finding_has_annotated_and_clean_stills_a_clip_and_a_manifest(video: Path, store: EvidenceStore) -> None:
    items = written(store, footage_of(video))
    stills = ["before.jpg", "before.clean.jpg", "at.jpg", "at.clean.jpg", "after.jpg", "after.clean.jpg"]
    assert list(items) == [*stills, "clip.mp4", "evidence.json"]
    assert items["before.jpg"].pts == pytest.approx(2.5)
    assert all(store.path(item.sha256).stat().st_size == item.size_bytes for item in items.values())


def test_stills_are_native_and_carry_their_words_below_the_picture(video: Path, store: EvidenceStore) -> None:
    items = written(store, footage_of(video))
    clean = cv2.imread(str(store.path(items["at.clean.jpg"].sha256)))
    marked = cv2.imread(str(store.path(items["at.jpg"].sha256)))
    assert clean is not None
    assert marked is not None
    assert clean.shape[:2] == (scene.HEIGHT, scene.WIDTH)
    assert marked.shape[0] > scene.HEIGHT
    assert marked.shape[1] == scene.WIDTH


def test_the_lamps_close_up_says_what_it_is_below_it(video: Path, store: EvidenceStore) -> None:
    footage, found = footage_of(video), scene.finding()
    lamp = Moment(Role.LAMP, 3.0, (500.0, 40.0, 512.0, 70.0), "the governing light, 1.2 s into red")
    found = replace(found, moments=(*found.moments, lamp))
    incident = scene.incident_of(footage.log, found)
    items = {item.name: item for item in EvidenceWriter(store, Looker(None)).write(footage, found, incident)}
    marked = cv2.imread(str(store.path(items["lamp.jpg"].sha256)))
    assert marked is not None
    assert marked.shape[0] > marked.shape[1]
    assert marked[marked.shape[1] :].max() > 200  # letters


def test_a_small_subject_is_enlarged_on_the_marked_still_only(video: Path, store: EvidenceStore) -> None:
    footage, found = footage_of(video), scene.finding()
    small = tuple(replace(moment, box=(300.0, 200.0, 330.0, 215.0)) for moment in found.moments)
    found = replace(found, moments=small)
    incident = scene.incident_of(footage.log, found)
    items = {item.name: item for item in EvidenceWriter(store, Looker(None)).write(footage, found, incident)}
    marked, clean = (cv2.imread(str(store.path(items[name].sha256))) for name in ("at.jpg", "at.clean.jpg"))
    assert marked is not None
    assert clean is not None
    assert clean.shape[:2] == (scene.HEIGHT, scene.WIDTH)
    assert marked.shape[1] > scene.WIDTH


def test_an_insufficient_finding_gets_one_moment_and_no_clip(video: Path, store: EvidenceStore) -> None:
    items = written(store, footage_of(video), grade=Grade.INSUFFICIENT)
    assert list(items) == ["at.jpg", "at.clean.jpg", "evidence.json"]


def test_the_plate_is_unreadable_in_every_frame_of_the_clip(video: Path, store: EvidenceStore) -> None:
    item = written(store, footage_of(video))["clip.mp4"]
    frames = decoded(store.path(item.sha256))
    source = dict(decoded(video))
    assert len(frames) > 100
    for time_s, picture in frames:
        at = 0.75 + time_s  # the clip of 3.0-4.5 s is centred on 3.75 s
        original = source[min(source, key=lambda pts: abs(pts - at))]
        assert texture(original, at) > 40
        assert texture(picture, at) < 8, f"readable at {at:.2f} s"


def test_a_plate_that_only_the_native_look_sees_is_unreadable_too(video: Path, store: EvidenceStore) -> None:
    log = scene.without_plates(scene.log_of(scene.source(video)))
    footage, found = Footage(log, (video,)), scene.finding()
    items = EvidenceWriter(store, Looker(PlateDetector())).write(footage, found, scene.incident_of(log, found))
    clip = next(item for item in items if item.role is Role.CLIP)
    for time_s, picture in decoded(store.path(clip.sha256)):
        assert texture(picture, 0.75 + time_s) < 8
    for item in items:
        if item.media_type == "image/jpeg" and item.pts is not None:
            still = cv2.imread(str(store.path(item.sha256)))
            assert still is not None
            assert texture(still, item.pts) < 8  # type: ignore[arg-type]


def test_the_clip_plays_in_a_browser_and_keeps_the_frame_times(video: Path, store: EvidenceStore) -> None:
    path = store.path(written(store, footage_of(video))["clip.mp4"].sha256)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    times = [time_s for time_s, _ in decoded(path)]
    assert np.diff(times) == pytest.approx(1 / scene.RATE, abs=1e-4)
    assert 5.9 < times[-1] - times[0] <= 6.0


def test_the_manifest_leads_every_picture_back_to_a_frame_of_the_source(video: Path, store: EvidenceStore) -> None:
    items = written(store, footage_of(video))
    manifest = json.loads(store.path(items["evidence.json"].sha256).read_text())
    sha256 = scene.source(video).sha256
    assert manifest["sources"][0]["file_sha256"] == sha256
    at = next(frame for frame in manifest["frames"] if frame["name"] == "at.jpg")
    assert at == {
        "name": "at.jpg", "role": "at", "annotated": True, "sha256": items["at.jpg"].sha256, "file_sha256": sha256,
        "pts_ms": 3000.0, "utc": "2026-11-24T08:30:03.000Z",
    }  # fmt: skip
    assert manifest["clip"]["sha256"] == items["clip.mp4"].sha256
    assert manifest["clip"]["pts"][0] == pytest.approx(0.75)
    assert manifest["time_uncertainty_s"] == 0.4
    assert manifest["place"]["accuracy_m"] == 4.0


def test_the_same_finding_gives_the_same_bytes(video: Path, tmp_path: Path) -> None:
    first = written(EvidenceStore(tmp_path / "one"), footage_of(video))
    second = written(EvidenceStore(tmp_path / "two"), footage_of(video))
    assert first == second


def test_an_event_at_the_files_end_is_shown_as_far_as_the_file_goes(video: Path, store: EvidenceStore) -> None:
    items = written(store, footage_of(video), start_s=7.0, end_s=7.9)
    assert items["after.jpg"].pts == pytest.approx(7.9, abs=0.06)
    times = [time_s for time_s, _ in decoded(store.path(items["clip.mp4"].sha256))]
    assert 5.9 < times[-1] <= 6.0


def test_an_event_across_a_files_end_is_one_clip_of_both(tmp_path: Path, store: EvidenceStore) -> None:
    one = scene.write_video(tmp_path / "one.mp4", 0.0, 4.0)
    two = scene.write_video(tmp_path / "two.mp4", 4.0, 4.0)
    log = scene.log_of(scene.source(one, 0.0, 4.0), scene.source(two, 4.0, 4.0))
    items = written(store, Footage(log, (one, two)))
    assert items["after.jpg"].pts == pytest.approx(0.5)
    manifest = json.loads(store.path(items["evidence.json"].sha256).read_text())
    assert [source["name"] for source in manifest["sources"]] == ["one.mp4", "two.mp4"]
    times = [time_s for time_s, _ in decoded(store.path(items["clip.mp4"].sha256))]
    assert np.diff(times) == pytest.approx(1 / scene.RATE, abs=1e-3)


def test_a_video_shorter_than_a_clip_is_shown_whole(tmp_path: Path, store: EvidenceStore) -> None:
    short = scene.write_video(tmp_path / "short.mp4", 0.0, 2.0)
    footage = Footage(scene.log_of(scene.source(short, 0.0, 2.0)), (short,))
    items = written(store, footage, start_s=0.6, end_s=1.2)
    assert len(decoded(store.path(items["clip.mp4"].sha256))) == 40
