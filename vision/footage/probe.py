"""What a video file says of itself, and a typed error for each way in which it is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import av.error

from vision.errors import (
    DamagedVideo,
    EmptyFile,
    EncryptedVideo,
    NotAVideo,
    NoVideoStream,
    UnsupportedCodec,
    VideoError,
)
from vision.footage.iso_boxes import top_boxes

# Without a list libavformat opens playlists (and what they point to), pictures and text as "video".
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,flv"
MAX_PIXELS = 8192 * 8192
MAX_DURATION_S = 7 * 86_400.0
MAX_PACKETS_TO_FIRST_PICTURE = 500


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video's facts, read without decoding it.

    Attributes:
        width, height: native pixels as a player shows the picture (rotation applied).
        duration_s: as the file claims; NaN where it does not or the claim is absurd.
        start_s: PTS of the first frame (edit lists applied, so it may be negative or above 0).
        rotation: degrees clockwise by which the coded picture is turned for showing: 0, 90, 180 or 270.
        creation_time: the container's, taken as UTC as the standards say (many dashcams write local time
            there: see `vision.timing.clock`); None if absent or at the epoch.
        fps: average frames per second, NaN unknown. Never count time with it.
        make, model: of the camera, where the container tells.
    """

    path: Path
    width: int
    height: int
    duration_s: float
    start_s: float
    codec: str
    rotation: int
    creation_time: datetime | None
    size_bytes: int
    fps: float
    make: str = ""
    model: str = ""


def probe(path: Path) -> VideoInfo:
    """Raises a `VideoError` that says what is wrong with the file."""
    with open_container(path) as container:
        stream = video_stream(container, path)
        turns = quarter_turns(_first_picture(container, stream, path))
        width, height = stream.codec_context.width, stream.codec_context.height
        if turns % 2:
            width, height = height, width
        tags = {key.lower(): value for key, value in {**stream.metadata, **container.metadata}.items()}
        return VideoInfo(
            path=path,
            width=width,
            height=height,
            duration_s=_duration(container, stream),
            start_s=_start(stream),
            codec=stream.codec_context.name,
            rotation=-90 * turns % 360,
            creation_time=_creation_time(tags.get("creation_time")),
            size_bytes=path.stat().st_size,
            fps=float(stream.average_rate) if stream.average_rate else float("nan"),
            make=_tag(tags, "make"),
            model=_tag(tags, "model"),
        )


def open_container(path: Path) -> av.container.InputContainer:
    """Opened for reading, local files only."""
    try:
        if not path.is_file():
            raise NotAVideo(f"{path.name} is not a file", advice="give video files or folders of them")
        if path.stat().st_size == 0:
            raise EmptyFile(f"{path.name} is empty (0 bytes)", advice="copy it from the camera again")
        with path.open("rb") as file:
            head = file.read(12)
        return av.open(
            f"file:{path}",
            metadata_errors="replace",
            options={"format_whitelist": FORMATS, "protocol_whitelist": "file"},
        )
    except (av.error.FFmpegError, ValueError) as error:
        raise _why_unreadable(path, head) from error
    except OSError as error:
        raise VideoError(
            f"{path.name} cannot be read: {error.strerror}", advice="check the path and the rights"
        ) from error


def _why_unreadable(path: Path, head: bytes) -> VideoError:
    if head[4:8] in (b"ftyp", b"mdat", b"moov", b"wide", b"skip"):
        return DamagedVideo(
            f"{path.name} is cut off: its index (moov) is missing or broken",
            advice="copy it from the camera again, or repair it with untrunc",
        )
    return NotAVideo(f"{path.name} is not a video that can be read", advice="give MP4, MOV, MKV, AVI or TS files")


def video_stream(container: av.container.InputContainer, path: Path) -> av.video.stream.VideoStream:
    """The first real video stream, fit to be decoded."""
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise NoVideoStream(f"{path.name} has no video stream", advice="is it a sound recording?")
    if _is_encrypted(path):
        raise EncryptedVideo(f"{path.name} is encrypted", advice="export it unencrypted with the camera's own player")
    stream = streams[0]
    context = stream.codec_context
    if context is None or not context.name:
        raise UnsupportedCodec(
            f"{path.name} uses a codec this build of FFmpeg cannot decode", advice="convert it to H.264"
        )
    if context.width <= 0 or context.height <= 0:
        raise _no_picture(path)
    if context.width * context.height > MAX_PIXELS:
        raise NotAVideo(
            f"{path.name} claims pictures of {context.width}x{context.height}", advice="the file's header is broken"
        )
    return stream


def _first_picture(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, path: Path
) -> av.VideoFrame:
    """Rotation is a property of pictures in FFmpeg's interface, so one is decoded (about 10 ms)."""
    for number, packet in enumerate(container.demux(stream)):
        try:
            for picture in packet.decode():
                return picture
        except av.error.FFmpegError:
            pass
        if number > MAX_PACKETS_TO_FIRST_PICTURE:
            break
    raise _no_picture(path)


def _no_picture(path: Path) -> DamagedVideo:
    return DamagedVideo(f"{path.name} holds no picture that can be decoded", advice="copy it from the camera again")


def quarter_turns(picture: av.VideoFrame) -> int:
    """Quarter turns counterclockwise that show the coded picture upright (display matrix; mirroring is ignored)."""
    return round(picture.rotation / 90) % 4


def _start(stream: av.VideoStream) -> float:
    """PTS of the stream's beginning in seconds; 0 where the container does not say."""
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _duration(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    else:
        return float("nan")
    return seconds if 0 < seconds <= MAX_DURATION_S else float("nan")


def _tag(tags: dict[str, str], name: str) -> str:
    return tags.get(name) or tags.get(f"com.apple.quicktime.{name}", "")


def _creation_time(text: str | None) -> datetime | None:
    """Cameras without a clock write the epoch of 1904 or 1970, or year 2000 after a reset."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or moment.year < 2001:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_encrypted(path: Path) -> bool:
    """ISO 23001-7: a protected video track's sample entry is `encv` and names its scheme in `schm`."""
    with path.open("rb") as file:
        indices = [box.read(file) for box in top_boxes(file) if box.kind == b"moov"]
    return any(b"encv" in index and b"schm" in index for index in indices)
