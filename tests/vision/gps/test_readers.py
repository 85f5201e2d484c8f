"""Each kind of position log, as its devices write it."""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vision.make_video import write_video
from vision.errors import GpsError
from vision.gps import SIDECARS, find_sidecars, read_embedded, read_gps, read_sidecar
from vision.gps.ligogps import _unscramble
from vision.gps.nmea import KNOT_MPS
from vision.gps.times import to_utc_s
from vision.gps.track import GpsTrack

START = datetime(2026, 11, 24, 8, 30, 0, tzinfo=UTC)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def checks_out(body: str) -> str:
    checksum = 0
    for character in body:
        checksum ^= ord(character)
    return f"${body}*{checksum:02X}"


def rmc(second: int, status: str = "A", minutes: float = 30.0) -> str:
    return checks_out(f"GPRMC,0830{second:02d}.00,{status},31{minutes:07.4f},N,12128.0000,E,19.4384,90.0,241126,,,A")


def at_shanghai(track: GpsTrack) -> None:
    assert track.lat[0] == pytest.approx(31.5, abs=1e-6)
    assert track.lon[0] == pytest.approx(121 + 28 / 60, abs=1e-6)
    assert track.utc_s[0] == START.timestamp()
    assert track.speed_mps[0] == pytest.approx(10.0, abs=1e-3)
    assert track.heading_deg[0] == 90


# Text -----------------------------------------------------------------------------------------------------


def test_gpx(tmp_path: Path) -> None:
    points = "".join(
        f'<trkpt lat="{31 + number / 1e4}" lon="121"><time>2026-11-24T08:30:0{number}Z</time><hdop>2</hdop></trkpt>'
        for number in range(3)
    )
    text = f'<?xml version="1.0"?><gpx version="1.1" creator="x"><trk><trkseg>{points}</trkseg></trk></gpx>'
    track = read_sidecar(write(tmp_path / "a.gpx", text))
    assert (len(track), track.source, track.utc_s[0]) == (3, "gpx", START.timestamp())
    assert track.accuracy_m.tolist() == [8, 8, 8]


def test_nmea_with_blackvue_prefix_foreign_lines_and_fixless_seconds(tmp_path: Path) -> None:
    gga = checks_out("GPGGA,083000.00,3130.0000,N,12128.0000,E,1,12,0.5,12,M,48.6,M,,0000")
    lines = [f"[1795509000{second:03d}]{rmc(second, 'V' if second == 2 else 'A')}" for second in range(5)]
    track = read_sidecar(write(tmp_path / "a.nmea", "\n".join([gga, "$GSENSOR,1,2,3", *lines, "$GPRMC,garbage"])))
    at_shanghai(track)
    assert len(track) == 4
    assert track.accuracy_m[0] == 2
    assert np.isnan(track.accuracy_m[1])


def test_a_garbled_nmea_sentence_is_left_out_but_not_a_camera_that_never_computes_checksums(tmp_path: Path) -> None:
    good = [rmc(second) for second in range(6)]
    garbled = [*good[:3], good[3].replace("3130", "3170"), *good[4:]]
    assert len(read_sidecar(write(tmp_path / "a.nmea", "\n".join(garbled)))) == 5
    wrong = "\n".join(line[:-2] + "00" for line in good)
    assert len(read_sidecar(write(tmp_path / "b.nmea", wrong))) == 6


@pytest.mark.parametrize(
    "text",
    [
        "time,lat,lon,speed (km/h),heading\n2026-11-24T08:30:00Z,31.5,121.4666667,36,90\n",
        "Latitude;Longitude;Timestamp;Speed_mps;Course\n31.5;121.4666667;1795509000;10;90\n",
        "\ufeffdate,time,LAT,LNG,speed_knots,bearing\n2026/11/24,08:30:00,31.5,121.4666667,19.4384,90\n",
        "utc,gps_lat,gps_lon,speed_mph,course_deg\n1795509000000,31.5,121.4666667,22.36936,90\n",
        "lon\tlat\ttime\tspeed_kmh\theading\n121.4666667\t31.5\t2026-11-24 16:30:00+08:00\t36\t90\n",
    ],
)
def test_csv_in_many_dialects(tmp_path: Path, text: str) -> None:
    at_shanghai(read_sidecar(write(tmp_path / "a.csv", text)))


def test_a_speed_without_a_unit_is_not_guessed(tmp_path: Path) -> None:
    track = read_sidecar(write(tmp_path / "a.csv", "time,lat,lon,speed\n0,31.5,121.4,36\n1,31.5,121.4,36\n"))
    assert np.isnan(track.speed_mps).all()


def test_a_table_of_something_else_is_refused_by_name_and_passed_over_when_it_only_lies_there(tmp_path: Path) -> None:
    log = write(tmp_path / "events.csv", "name,kind\na,b\n")
    with pytest.raises(GpsError, match="no latitude"):
        read_sidecar(log)
    assert read_gps(write_video(tmp_path / "a.mp4")) is None


def test_70mai_log_gives_each_video_its_part(tmp_path: Path) -> None:
    rows = [
        f"{1795509000 - 8 * 3600 + second},A,31.500000,121.466667,9000,1000,0,0,0,NO{video}F.MP4,0,0,0"
        for second, video in enumerate(["1", "1", "2"])
    ]
    log = write(tmp_path / "GPSData000001.txt", "\n".join(["$V02", *rows]))
    track = read_sidecar(log, video_name="NO1F.MP4")
    assert len(track) == 2
    assert (track.utc_s[0], track.speed_mps[0], track.heading_deg[0]) == (START.timestamp(), 10, 90)


@pytest.mark.parametrize(
    "cue",
    ["GPS(121.4667,31.5000,16)", "GPS(31.5000,121.4667,0.0M)", "[latitude : 31.5] [longtitude : 121.4667]",
     "F/2.8, GPS (121.4667, 31.5, 17), D 221.21m", "[latitude: 31.5] [longitude: 121.4667]"],
)  # fmt: skip
def test_dji_subtitles(tmp_path: Path, cue: str) -> None:
    cues = [f"{number}\n00:00:0{number},500 --> 00:00:0{number + 1},500\n{cue}\n" for number in range(3)]
    track = read_sidecar(write(tmp_path / "a.srt", "\n".join(cues)))
    np.testing.assert_allclose(track.lat, 31.5)
    np.testing.assert_allclose(track.lon, 121.4667)
    assert track.pts_s.tolist() == [0.5, 1.5, 2.5]


def test_kml_and_an_entity_bomb(tmp_path: Path) -> None:
    good = (
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><gx:Track>'
        "<when>2026-11-24T08:30:00Z</when><gx:coord>121.4 31.5 3</gx:coord></gx:Track></kml>"
    )
    assert read_sidecar(write(tmp_path / "a.kml", good)).utc_s.tolist() == [START.timestamp()]
    with pytest.raises(GpsError, match="entities"):
        read_sidecar(write(tmp_path / "b.kml", '<!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>'))


@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001
def test_times_in_all_their_writings_are_the_same_moment(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    seconds = moment.timestamp()
    writings = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S"]
    assert {to_utc_s(moment.strftime(form)) for form in writings} == {seconds}
    assert to_utc_s(str(int(seconds))) == seconds
    if seconds * 1000 >= 1e11:
        assert to_utc_s(str(int(seconds * 1000))) == seconds


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.binary(max_size=400), suffix=st.sampled_from(sorted(SIDECARS)))
def test_junk_is_refused_and_never_crashes(tmp_path: Path, data: bytes, suffix: str) -> None:
    log = tmp_path / f"junk{suffix}"
    log.write_bytes(data)
    with suppress(GpsError):
        assert len(read_sidecar(log)) > 0


# Inside videos --------------------------------------------------------------------------------------------


def novatek_record(second: int, status: bytes = b"A") -> bytes:
    return struct.pack(
        "<6I3sx4f", 8, 30, second, 26, 11, 24, status + b"NE", 3130.0, 12128.0, 10 / KNOT_MPS, 90.0
    )  # fmt: skip


@pytest.mark.parametrize("clock_at", [44, 16, 12])
def test_freegps_blocks_between_the_pictures(tmp_path: Path, clock_at: int) -> None:
    video = write_video(tmp_path / "a.mp4")
    blocks = [
        b"freeGPS ".ljust(clock_at, b"\0") + novatek_record(second, b"V" if second < 2 else b"A") for second in range(5)
    ]
    with video.open("ab") as file:
        for block in blocks:
            file.write(struct.pack(">I4s", 8 + 200, b"free") + block.ljust(200, b"\0"))
    track = read_embedded(video, duration_s=5.0)
    assert track is not None
    assert track.source == "freegps"
    assert track.pts_s.tolist() == [2, 3, 4]  # seconds without a fix count as time
    assert track.utc_s.tolist() == [START.timestamp() + second for second in (2, 3, 4)]
    assert track.lat[0] == pytest.approx(31.5, abs=1e-5)
    assert track.speed_mps[0] == pytest.approx(10, abs=1e-3)


def test_a_freegps_camera_that_never_saw_the_sky_is_refused_with_the_reason(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4")
    with video.open("ab") as file:
        file.write(
            struct.pack(">I4s", 108, b"free") + (b"freeGPS ".ljust(44, b"\0") + novatek_record(0, b"V")).ljust(100)
        )
    with pytest.raises(GpsError, match="fix"):
        read_embedded(video)


def klv(key: bytes, kind: bytes, size: int, data: bytes) -> bytes:
    return key + struct.pack(">cBH", kind, size, len(data) // size) + data + bytes(-len(data) % 4)


def gopro_payload(quality: int) -> bytes:
    rows = b"".join(struct.pack(">5i", 315_000_000 + number, 1_214_000_000, 0, 10_000, 100) for number in range(4))
    stream = (
        klv(b"GPSF", b"L", 4, struct.pack(">I", quality))
        + klv(b"GPSU", b"U", 16, b"261124083000.000")
        + klv(b"GPSP", b"S", 2, struct.pack(">H", 150))
        + klv(b"SCAL", b"l", 4, struct.pack(">5i", 10_000_000, 10_000_000, 1000, 1000, 100))
        + klv(b"GPS5", b"l", 20, rows)
    )
    nested = klv(b"STRM", b"\0", 1, stream)
    return klv(b"DEVC", b"\0", 1, klv(b"DVID", b"L", 4, bytes(4)) + nested)


def test_gopro_telemetry(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(gopro_payload(3) * 2)
    track = read_sidecar(tmp_path / "a.raw")
    np.testing.assert_allclose(track.pts_s, np.arange(8) / 4)
    assert (track.lat[0], track.lon[0], track.speed_mps[0], track.accuracy_m[0]) == (31.5, 121.4, 10, 6)
    assert track.utc_s[0] == START.timestamp()


def test_gopro_telemetry_without_a_fix_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(gopro_payload(0))
    with pytest.raises(GpsError, match="fix"):
        read_sidecar(tmp_path / "a.raw")


def test_novatek_records_in_a_transport_stream(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.ts")
    with video.open("ab") as file:
        for second in range(3):
            body = b"\x00\x00\x01\xbf\x00\xb2" + novatek_record(second)
            file.write((b"\x47\x43\x00\x10" + body).ljust(188, b"\0"))
    track = read_embedded(video)
    assert track is not None
    assert (track.source, track.pts_s.tolist()) == ("novatek-ts", [0, 1, 2])
    assert np.isnan(track.utc_s).all()  # the camera's local time


@given(st.binary(max_size=140))
def test_unscrambling_junk_ends(junk: bytes) -> None:
    assert len(_unscramble(b"####" + struct.pack("<I", len(junk)) + junk)) <= 4 * len(junk)


def test_a_video_without_positions_has_none(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv", "a.ts", "a.avi"):
        assert read_embedded(write_video(tmp_path / name)) is None
    (tmp_path / "empty.mp4").touch()
    assert read_embedded(tmp_path / "empty.mp4") is None


# Which log belongs to a video -----------------------------------------------------------------------------


def test_a_log_of_the_same_stem_beats_one_of_the_folder(tmp_path: Path) -> None:
    video, other = write_video(tmp_path / "a.mp4"), write_video(tmp_path / "b.mp4")
    own = write(tmp_path / "A.nmea", rmc(0))
    others = write(tmp_path / "b.nmea", rmc(0))
    shared = write(tmp_path / "patrol.nmea", "\n".join(rmc(second) for second in range(9)))
    assert find_sidecars(video) == ([own], [shared])
    assert find_sidecars(other) == ([others], [shared])
    track = read_gps(video)
    assert track is not None
    assert len(track) == 1


def test_logs_of_a_folder_are_joined(tmp_path: Path) -> None:
    for name, seconds in (("morning", range(3)), ("noon", range(10, 14))):
        write(tmp_path / f"{name}.nmea", "\n".join(rmc(second) for second in seconds))
    track = read_gps(write_video(tmp_path / "a.mp4"))
    assert track is not None
    assert len(track) == 7


def test_a_log_that_was_named_and_cannot_be_believed_is_an_error(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4")
    with pytest.raises(GpsError):
        read_gps(video, [write(tmp_path / "x.nmea", rmc(0, "V"))])
    with pytest.raises(GpsError, match="known"):
        read_gps(video, [write(tmp_path / "x.doc", "")])
    with pytest.raises(GpsError, match="read"):
        read_gps(video, [tmp_path / "nowhere.gpx"])


# Real devices ---------------------------------------------------------------------------------------------


def device_rows(folder: Path, *expect: str) -> Iterator[dict[str, str]]:
    with (folder / "gps.csv").open(newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["expect"] in expect)


def read_any(path: Path) -> GpsTrack | None:
    return read_sidecar(path) if path.suffix.lower() in SIDECARS else read_embedded(path)


def is_written_backwards(path: Path) -> bool:
    """First and last are those of the file; a track is in time order whatever the file's is."""
    _, reader = SIDECARS.get(path.suffix.lower(), ("", None))
    fixes = reader(path) if reader is not None else []
    return bool(fixes) and fixes[0].utc_s > fixes[-1].utc_s


def is_at(track: GpsTrack, row: int, written: str) -> bool:
    """Within 1e-4 degrees, or as exactly as the truth is written."""
    for found, text in zip((track.lat[row], track.lon[row]), written.replace("x", "").split(","), strict=True):
        decimals = len(text.partition(".")[2])
        if text and abs(found - float(text)) > max(1.01e-4, 0.5 * 10**-decimals if decimals < 3 else 0):
            return False
    return True


@pytest.mark.shared
def test_files_of_real_devices_are_read_from_first_to_last(shared_data: Path) -> None:
    folder = shared_data / "gps"
    for row in device_rows(folder, "read", "read_any"):
        track = read_any(folder / row["file"])
        assert track is not None, row["name"]
        ends = (-1, 0) if is_written_backwards(folder / row["file"]) else (0, -1)
        for end, written in zip(ends, (row["first"], row["last"]), strict=True):
            assert row["expect"] == "read_any" or not written or is_at(track, end, written), row["name"]


@pytest.mark.shared
def test_what_must_be_refused_is_refused_with_a_reason_and_the_rest_never_crashes(shared_data: Path) -> None:
    folder = shared_data / "gps"
    for row in device_rows(folder, "refuse"):
        with pytest.raises(GpsError, match=r".{20}"):
            read_any(folder / row["file"])
    for row in device_rows(folder, "either", "no_crash"):
        with suppress(GpsError):
            read_any(folder / row["file"])
