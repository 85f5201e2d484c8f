"""Decoding: true times, upright pictures, and honest words about what is broken."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vision.make_video import corner_picture, tenths, write_sound, write_video
from vision.errors import DamagedVideo, EmptyFile, EncryptedVideo, NotAVideo, NoVideoStream, VideoError
from vision.footage.picture import Frame
from vision.footage.video import open_video, probe

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def decode(path: Path) -> tuple[list[Frame], DamagedVideo | None]:
    frames: list[Frame] = []
    with open_video(path) as video:
        try:
            frames.extend(video)
        except DamagedVideo as damage:
            return frames, damage
    return frames, None


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(1, 20), min_size=3, max_size=15))
def test_variable_frame_rate_keeps_the_container_times_in_presentation_order(tmp_path: Path, gaps: list[int]) -> None:
    times = np.cumsum(gaps) / 40 - gaps[0] / 40
    frames, damage = decode(write_video(tmp_path / "vfr.mp4", times.tolist(), options={"bf": "2"}))
    assert damage is None
    assert [frame.index for frame in frames] == list(range(len(times)))
    np.testing.assert_allclose([frame.pts for frame in frames], times, atol=1e-4)


def test_b_frames_show_in_the_order_they_were_filmed(tmp_path: Path) -> None:
    frames, _ = decode(write_video(tmp_path / "b.mp4", tenths(24), options={"bf": "3", "b_strategy": "0"}))
    shades = [int(frame.gray((8, 8))[4, 4]) for frame in frames]
    assert len(shades) == 24
    assert all(4 <= after - before <= 12 for before, after in pairwise(shades)), shades


@pytest.mark.parametrize(
    ("codec", "pixels", "name"),
    [
        ("libx264", "yuv420p", "a.mkv"),
        ("libx264", "yuv420p", "a.ts"),
        ("libx264", "yuv422p", "a.mov"),
        ("libx265", "yuv420p10le", "a.mp4"),
        ("mpeg4", "yuv420p", "a.avi"),
        ("mjpeg", "yuvj420p", "b.avi"),
    ],
)
def test_the_codecs_and_containers_of_cameras(tmp_path: Path, codec: str, pixels: str, name: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    frames, damage = decode(write_video(tmp_path / name, codec=codec, pixels=pixels, options=options))
    assert damage is None
    assert len(frames) == 20
    np.testing.assert_allclose(np.diff([frame.pts for frame in frames]), 0.1, atol=2e-3)
    np.testing.assert_allclose(frames[0].rgb()[10, 10], RED, atol=8)


def test_a_start_offset_is_kept_as_the_container_has_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "late.mkv", [5 + time for time in tenths(10)])
    frames, _ = decode(path)
    assert frames[0].pts == pytest.approx(5.0)
    assert probe(path).start_s == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("counterclockwise", "corners"),
    [(0, (RED, GREEN, BLUE)), (90, (GREEN, None, RED)), (180, (None, BLUE, GREEN)), (270, (BLUE, RED, None))],
)
def test_pictures_are_upright_and_windows_count_in_upright_pixels(
    tmp_path: Path, counterclockwise: int, corners: tuple[tuple[int, int, int] | None, ...]
) -> None:
    path = write_video(tmp_path / "turned.mp4", rotation=counterclockwise)
    info = probe(path)
    frame = decode(path)[0][0]
    size = (320, 240) if counterclockwise % 180 == 0 else (240, 320)
    assert (info.width, info.height) == (frame.width, frame.height) == size
    assert info.rotation == (360 - counterclockwise) % 360
    whole = frame.rgb()
    for colour, (x, y) in zip(corners, ((4, 4), (size[0] - 20, 4), (4, size[1] - 20)), strict=True):
        window = (x, y, x + 16, y + 16)
        np.testing.assert_array_equal(frame.rgb(window=window), whole[y : y + 16, x : x + 16])
        if colour is not None:
            np.testing.assert_allclose(frame.rgb((8, 4), window)[2, 2], colour, atol=8)
            assert frame.rgb((8, 4), window).shape == (4, 8, 3)


def test_scaling_is_an_average_over_areas(tmp_path: Path) -> None:
    frame = decode(write_video(tmp_path / "a.mp4", options={"qp": "1"}))[0][0]
    expected = corner_picture().reshape(24, 10, 32, 10, 3).mean(axis=(1, 3))
    assert np.abs(frame.rgb((32, 24)) - expected).mean() < 3
    assert frame.gray((32, 24)).shape == (24, 32)


def test_windows_are_clipped_and_never_empty(tmp_path: Path) -> None:
    frame = decode(write_video(tmp_path / "a.mp4"))[0][0]
    assert frame.rgb(window=(300, 200, 900, 900)).shape == (40, 20, 3)
    with pytest.raises(ValueError, match="no pixel"):
        frame.rgb(window=(400, 0, 500, 10))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_a_stretch_is_what_the_whole_video_shows_then(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name == "a.avi" else "libx264"
    options = {"g": "20", "bf": "2", "x264-params": "scenecut=0:open-gop=1"} if codec == "libx264" else {"g": "20"}
    with open_video(write_video(tmp_path / name, tenths(60), codec=codec, options=options, noise=True)) as video:
        whole = {frame.pts: frame.gray((80, 60)) for frame in video}
        for start, end in ((-1, 0.3), (2.55, 2.85), (4.0, 4.2), (5.8, 90), (50, 60)):
            part = {frame.pts: frame.gray((80, 60)) for frame in video.frames(start, end)}
            assert list(part) == [pts for pts in whole if start <= pts <= end]
            for pts, picture in part.items():
                np.testing.assert_array_equal(picture, whole[pts])


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("b.mp4", "libx264", {"bf": "3", "b_strategy": "0", "g": "40"}),
        ("b.ts", "libx264", {"bf": "5", "b_strategy": "0", "g": "40"}),
        ("p.mp4", "libx264", {"bf": "0"}),
        ("short.mp4", "libx264", {"bf": "0", "g": "20"}),
        ("open.mp4", "libx264", {"bf": "3", "b_strategy": "0", "x264-params": "keyint=20:scenecut=0:open-gop=1"}),
        ("open.ts", "libx264", {"bf": "2", "b_strategy": "0", "x264-params": "keyint=16:scenecut=0:open-gop=1"}),
        ("open.mkv", "libx265", {"x265-params": "log-level=error:keyint=20:scenecut=0:open-gop=1:bframes=3:b-adapt=0"}),
        ("h.mkv", "libx265", {"x265-params": "log-level=error:bframes=4:b-adapt=0"}),
        ("a.avi", "mpeg4", {"g": "20"}),
    ],
)
def test_sampling_gives_every_nth_picture_as_it_is(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    with open_video(write_video(tmp_path / name, tenths(80), codec=codec, options=options, noise=True)) as video:
        whole = {frame.pts: frame.gray((80, 60)) for frame in video}
        end = video.decoded_until
        few = {frame.pts: frame.gray((80, 60)) for frame in video.sampled(3.4)}
        assert video.decoded_until == end
    steps = np.diff([list(whole).index(pts) for pts in few])
    assert sum(steps == 3) >= len(steps) - 1  # some containers state a frame rate that is a little off
    for pts, picture in few.items():
        np.testing.assert_array_equal(picture, whole[pts])


def test_sampling_does_not_decode_what_nobody_needs_before_a_key_frame(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", tenths(40), options={"bf": "0", "g": "20"}, noise=True)
    spoilt = tmp_path / "spoilt.mp4"
    with av.open(whole) as reader, av.open(spoilt, "w") as writer:
        stream = writer.add_stream_from_template(reader.streams.video[0])
        for number, packet in enumerate(each for each in reader.demux(video=0) if each.size):
            written = packet
            if number == 19:  # 18 is looked at, 20 is a key frame
                written = av.Packet(bytes(packet.size))
                written.pts, written.dts, written.time_base = packet.pts, packet.dts, packet.time_base
            written.stream = stream
            writer.mux(written)
    with open_video(spoilt) as video:
        assert len(list(video.sampled(3.4))) == 14
        with pytest.raises(DamagedVideo):
            list(video)


def test_sampling_a_cut_video_says_what_is_missing(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", tenths(80), options={"bf": "3", "g": "20"}, noise=True)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    seen: list[float] = []
    with open_video(cut) as video, pytest.raises(DamagedVideo) as damage:
        seen.extend(frame.pts for frame in video.sampled(5.0))
    assert len(seen) > 10
    assert damage.value.decoded_until == pytest.approx(seen[-1], abs=0.5)


def test_probe_reads_what_the_container_says(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", metadata={"creation_time": "2026-11-24T08:30:00Z"})
    info = probe(path)
    assert info.creation_time is not None
    assert info.creation_time.isoformat() == "2026-11-24T08:30:00+00:00"
    assert (info.codec, info.size_bytes) == ("h264", path.stat().st_size)
    assert info.duration_s == pytest.approx(2.0, abs=0.01)
    assert info.fps == pytest.approx(10, rel=0.01)


def test_probe_names_the_camera(tmp_path: Path) -> None:
    info = probe(write_video(tmp_path / "a.mkv", metadata={"make": "VIOFO", "model": "A129"}))
    assert (info.make, info.model) == ("VIOFO", "A129")


def test_a_camera_without_a_clock_has_no_creation_time(tmp_path: Path) -> None:
    assert (
        probe(write_video(tmp_path / "a.mp4", metadata={"creation_time": "1970-01-01T00:00:00Z"})).creation_time is None
    )


# What is broken -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("v") / "a.mp4", tenths(100), noise=True, options={"g": "10"})


def zero(data: bytes, share: float, size: int) -> bytes:
    at = int(len(data) * share)
    return data[:at] + bytes(size) + data[at + size :]


@pytest.mark.parametrize("size", [300, 3_000, 200_000])
def test_after_damage_in_the_middle_only_true_pictures_are_given(tmp_path: Path, intact: Path, size: int) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(zero(intact.read_bytes(), 0.5, size))
    truth = {round(frame.pts, 3): frame.gray((160, 120)) for frame in decode(intact)[0]}
    frames, damage = decode(broken)
    assert damage is not None
    assert "first after 4" in damage.message
    assert damage.decoded_until == pytest.approx(9.9)
    assert 60 <= len(frames) < 100
    for frame in frames:
        np.testing.assert_array_equal(frame.gray((160, 120)), truth[round(frame.pts, 3)])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_cut_off_file_gives_all_up_to_the_cut_and_then_says_so(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, tenths(100), noise=True, options={"g": "10"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    frames, damage = decode(path)
    assert damage is not None
    assert 50 <= len(frames) <= 65
    assert damage.decoded_until == frames[-1].pts


def test_a_transport_stream_goes_on_after_a_long_unreadable_stretch(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", tenths(100), noise=True, options={"g": "10"})
    path.write_bytes(zero(path.read_bytes(), 0.5, 200_000))
    frames, damage = decode(path)
    assert damage is not None
    assert frames[-1].pts == pytest.approx(frames[0].pts + 9.9, abs=0.01)


def test_a_missing_index_is_damage(tmp_path: Path, intact: Path) -> None:
    data = intact.read_bytes()
    (tmp_path / "a.mp4").write_bytes(
        data[: data.index(b"moov") - 4] + struct.pack(">I4s", 900_000, b"mdat") + data[-900:]
    )
    with pytest.raises(DamagedVideo, match="index"):
        probe(tmp_path / "a.mp4")


def write_bytes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (write_bytes(b""), EmptyFile),
        (write_bytes(b"\0" * 10_000), NotAVideo),
        (write_bytes(b"just some words\n" * 100), NotAVideo),
        (write_bytes(b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://localhost/a.ts\n"), NotAVideo),
        (write_bytes(b"ffconcat version 1.0\nfile /etc/hostname\n"), NotAVideo),
        (write_sound, NoVideoStream),
        (Path.mkdir, NotAVideo),
        (lambda path: path.symlink_to(path.parent / "nowhere"), NotAVideo),
        (lambda path: path.symlink_to(path), VideoError),
    ],
    ids=["empty", "zeros", "text", "playlist", "concat", "sound", "folder", "dangling-link", "link-to-itself"],
)
def test_what_is_no_video_is_a_typed_error(
    tmp_path: Path, make: Callable[[Path], object], error: type[VideoError]
) -> None:
    path = tmp_path / "a.mp4"
    make(path)
    with pytest.raises(error) as raised:
        probe(path)
    assert raised.value.advice


def test_an_encrypted_video_is_told_from_a_damaged_one(tmp_path: Path, intact: Path) -> None:
    data = intact.read_bytes().replace(b"avc1\0\0\0\0", b"encv\0\0\0\0", 1).replace(b"btrt", b"schm", 1)
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(EncryptedVideo):
        probe(tmp_path / "a.mp4")


def test_an_absurd_duration_neither_hangs_nor_is_believed(tmp_path: Path, intact: Path) -> None:
    data = bytearray(intact.read_bytes())
    for box in (b"mvhd", b"mdhd", b"tkhd"):
        at = data.index(box) + (24 if box == b"tkhd" else 20)
        data[at : at + 4] = b"\x7f\xff\xff\xff"
    (tmp_path / "a.mp4").write_bytes(data)
    frames, _ = decode(tmp_path / "a.mp4")
    assert len(frames) == 100


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=64))
def test_random_junk_gives_frames_in_order_or_a_typed_error(
    tmp_path: Path, intact: Path, at: float, junk: bytes
) -> None:
    data = bytearray(intact.read_bytes()[:400_000])
    start = int(at**4 * (len(data) - len(junk)))  # mostly into the headers
    data[start : start + len(junk)] = junk
    path = tmp_path / "junk.mp4"
    path.write_bytes(data)
    try:
        frames, _ = decode(path)
    except VideoError:
        return
    assert all(before.pts < after.pts for before, after in pairwise(frames))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_typed_error(tmp_path: Path, intact: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(intact.read_bytes())
    path.chmod(0)
    with pytest.raises(VideoError, match="cannot be read"):
        probe(path)


@pytest.mark.shared
def test_real_clips_have_plausible_times(shared_data: Path) -> None:
    for name in ("road_th_fixed", "redlight_hanoi_lythuongkiet", "boulevard_cn_topview"):
        path = shared_data / "clips" / f"{name}.mp4"
        frames = 0
        with open_video(path) as video:
            for frame in video:
                frames += 1
                last = frame.pts
        assert last == pytest.approx(video.info.duration_s + min(video.info.start_s, 0.1), abs=0.4)
        assert frames == pytest.approx(video.info.fps * video.info.duration_s, rel=0.02)


def test_absurd_dimensions_in_a_header_are_refused_without_allocating_them(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", codec="mpeg4")
    data = bytearray(path.read_bytes())
    header = data.index(b"strf") + 8
    data[header + 4 : header + 12] = struct.pack("<ii", 60_000, 60_000)
    path.write_bytes(data.replace(b"\x00\x00\x01\x00\x00\x00\x01\x20", b"\x00\x00\x00\x00\x00\x00\x00\x00"))
    with pytest.raises(VideoError) as raised:
        decode(path)
    assert raised.value.message
