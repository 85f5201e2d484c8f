"""A file that is not what it seems costs its own position, never the video it lies beside or is in."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vision.gps.test_readers import START, klv, rmc, write
from tests.vision.make_video import write_video
from vision import gps
from vision.errors import GpsError
from vision.gps import SIDECARS, read_embedded, read_gps, read_sidecar
from vision.gps.fixes import Fix
from vision.gps.gpmf import fixes_of_gpmf
from vision.gps.ligogps import fixes_of_ligogps
from vision.gps.samples import Sample

ENDLESS = "7" * 131_073  # a character more than the csv module takes in one field
GBK = '<?xml version="1.0" encoding="gb2312"?><路线/>'.encode("gbk")
UNKNOWN = b'<?xml version="1.0" encoding="klingon"?><a/>'
STRAY = {
    "state.txt": f'{{"speed":"{ENDLESS}"}}'.encode(),
    "open-quote.csv": b'lat,lon,note\n31.5,121.4,"\n' + b"31.5,121.4,\n" * 12_000,
    "long-cell.csv": f"lat,lon\n31.5,{ENDLESS}\n".encode(),
    "GPSData1.txt": f"$V02\n1795509000,A,31.5,121.4,{ENDLESS}\n".encode(),
    "gbk.xml": GBK,
    "unknown.xml": UNKNOWN,
    "no-text.xml": b'<?xml version="1.0" encoding="hex"?><a/>',
}  # fmt: skip


def raising(error: Exception) -> Callable[..., list[Fix]]:
    """A reader of any kind that stumbles."""

    def reader(*_: object) -> list[Fix]:
        raise error

    return reader


# Beside videos --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*STRAY, "gbk.kml", "unknown.kml"])
def test_what_cannot_be_read_is_an_error_that_names_the_file(tmp_path: Path, name: str) -> None:
    log = tmp_path / name
    log.write_bytes({**STRAY, "gbk.kml": GBK, "unknown.kml": UNKNOWN}[name])
    with pytest.raises(GpsError, match=rf"^{name} .*(no table|encoding)"):
        read_sidecar(log, video_name="a.mp4")


def test_strays_in_the_folder_cost_its_videos_nothing(tmp_path: Path) -> None:
    for name, content in STRAY.items():
        (tmp_path / name).write_bytes(content)
    video = write_video(tmp_path / "a.mp4")
    assert read_gps(video) is None
    write(tmp_path / "patrol.nmea", "\n".join(rmc(second) for second in range(3)))
    track = read_gps(video)
    assert track is not None
    assert len(track) == 3


@pytest.mark.parametrize("hours", ["9" * 400, "9" * 5000])
def test_numbers_beyond_all_bounds_are_refused(tmp_path: Path, hours: str) -> None:
    cue = f"1\n{hours}:00:00,500 --> 00:00:01,500\nGPS(121.4667,31.5000,16)\n"
    with pytest.raises(GpsError, match=r"^a\.srt "):
        read_sidecar(write(tmp_path / "a.srt", cue))


def test_a_zone_of_days_is_refused(tmp_path: Path) -> None:
    point = '<trkpt lat="31" lon="121"><time>2026-11-24T08:30:00+99:00</time></trkpt>'
    text = f'<gpx version="1.1"><trk><trkseg>{point}</trkseg></trk></gpx>'
    with pytest.raises(GpsError, match=r"^a\.gpx "):
        read_sidecar(write(tmp_path / "a.gpx", text))


@pytest.mark.parametrize(("lat", "clock"), [("3130.000", "083000.1.2"), ("9" * 400 + "30.000", "083000.1")])
def test_a_garbled_magellan_sentence_is_left_out(tmp_path: Path, lat: str, clock: str) -> None:
    good = "$PMGNTRK,3130.000,N,12128.000,E,00012,M,083000.50,A,,241126"
    garbled = f"$PMGNTRK,{lat},N,12128.000,E,00012,M,{clock},A,,241126"
    track = read_sidecar(write(tmp_path / "a.nmea", f"{garbled}\n{good}\n"))
    assert track.lat.tolist() == [31.5]
    assert track.utc_s.tolist() == [START.timestamp() + 0.5]


@pytest.mark.parametrize("surprise", [IndexError, UnicodeError, OverflowError, ZeroDivisionError, struct.error])
def test_a_surprise_of_any_reader_is_an_error_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surprise: type[Exception]
) -> None:
    monkeypatch.setitem(SIDECARS, ".igc", ("igc", raising(surprise("surprise"))))
    with pytest.raises(GpsError, match=r"^a\.igc .*igc.*surprise"):
        read_sidecar(write(tmp_path / "a.igc", ""))


# Inside videos --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surprise", [OSError, ValueError, IndexError, OverflowError, struct.error])
def test_a_reader_that_stumbles_leaves_the_file_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surprise: type[Exception]
) -> None:
    found = [Fix(121.4, 31.5, pts_s=0.0)]
    monkeypatch.setattr(gps, "EMBEDDED", (("first", raising(surprise())), ("next", lambda *_: found)))
    track = read_embedded(write_video(tmp_path / "a.mp4"))
    assert track is not None
    assert track.source == "next"


@pytest.mark.parametrize("surprise", [ValueError, IndexError, OverflowError, struct.error])
def test_a_decoder_of_samples_that_stumbles_leaves_them_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surprise: type[Exception]
) -> None:
    found = [Fix(121.4, 31.5, pts_s=0.0)]
    monkeypatch.setattr(gps, "read_samples", lambda _: [[Sample(0.0, 1.0, b"")]])
    monkeypatch.setattr(gps, "SAMPLES", (("first", raising(surprise())), ("next", lambda _: found)))
    track = read_embedded(write_video(tmp_path / "a.mp4"))
    assert track is not None
    assert track.source == "next"


def test_where_all_stumble_there_is_no_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gps, "EMBEDDED", (("only", raising(ValueError())),))
    assert read_embedded(write_video(tmp_path / "a.mp4")) is None
    assert read_embedded(tmp_path / "gone.mp4") is None


def hero_payload(scales: tuple[int, ...]) -> bytes:
    row = struct.pack(">7i2H", 315_000_000, 1_214_000_000, 12_000, 10_000, 1000, 9_824, 30_600_000, 150, 3)
    stream = klv(b"SCAL", b"l", 4, struct.pack(f">{len(scales)}i", *scales)) + klv(b"GPS9", b"?", 32, row)
    return klv(b"DEVC", b"\0", 1, klv(b"STRM", b"\0", 1, stream))


HERO_SCALES = (10_000_000, 10_000_000, 1000, 1000, 100, 1, 1000, 100, 1)


def test_gopro_telemetry_of_hero_11() -> None:
    (fix,) = fixes_of_gpmf([Sample(2.0, 1.0, hero_payload(HERO_SCALES))])
    assert (fix.lat, fix.lon, fix.speed_mps, fix.accuracy_m) == (31.5, 121.4, 10, 6)
    assert (fix.utc_s, fix.pts_s, fix.valid) == (START.timestamp(), 2, True)


@pytest.mark.parametrize("scales", [(), (10_000_000,), HERO_SCALES[:7], HERO_SCALES[:8], (0, *HERO_SCALES[1:])])
def test_gopro_rows_without_a_scale_for_each_number_are_left_out(scales: tuple[int, ...]) -> None:
    payloads = hero_payload(scales), hero_payload(HERO_SCALES)
    (fix,) = fixes_of_gpmf([Sample(float(second), 1.0, data) for second, data in enumerate(payloads)])
    assert fix.pts_s == 1


def test_a_gopro_dilution_of_many_bytes_is_no_surprise() -> None:
    stream = klv(b"GPSP", b"S", 250, bytes([255] * 250)) + klv(b"SCAL", b"l", 4, struct.pack(">5i", *[10_000_000] * 5))
    stream += klv(b"GPS5", b"l", 20, struct.pack(">5i", 315_000_000, 1_214_000_000, 0, 0, 0))
    data = klv(b"DEVC", b"\0", 1, klv(b"STRM", b"\0", 1, stream))
    assert [fix.lat for fix in fixes_of_gpmf([Sample(0.0, 1.0, data)])] == [31.5]


def ligo_slot(second: int, lat: str = "31.5", speed: str = "36.0") -> bytes:
    text = f"2026/11/24 08:30:0{second} N:{lat} E:121.4 {speed} km/h A:90.0"
    return (struct.pack(">I", second + 1) + text.encode()).ljust(0x84, b"\0")


@pytest.mark.parametrize("garbled", [{"lat": "1.2.3"}, {"lat": "."}, {"lat": "31.5."}, {"speed": "3.6.0"}])
def test_a_garbled_ligo_slot_is_left_out(tmp_path: Path, garbled: dict[str, str]) -> None:
    video = write_video(tmp_path / "a.mp4")
    slots = [ligo_slot(0), ligo_slot(1, **garbled), ligo_slot(2)]
    with video.open("ab") as file:
        file.write(b"&&&&" + bytes(4) + b"LIGOGPSINFO".ljust(0x14, b"\0") + b"".join(slots))
    track = read_embedded(video)
    assert track is not None
    assert (track.source, track.pts_s.tolist(), track.lat.tolist()) == ("ligogps", [0, 2], [31.5, 31.5])
    assert track.speed_mps == pytest.approx([10, 10])
    assert track.heading_deg.tolist() == [90, 90]


def test_a_ligo_sample_cut_short_is_left_out() -> None:
    assert fixes_of_ligogps([Sample(0.0, 1.0, b"LIGOGPSINFO".ljust(0x14, b"\0") + b"####\x01")]) == []
