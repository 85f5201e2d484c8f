"""Small videos of our own making, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

CLOCK = Fraction(1, 12_800)


def corner_picture(width: int = 320, height: int = 240, shade: int = 0) -> NDArray[np.uint8]:
    """Red at the top left, green at the top right, blue at the bottom left, else grey of `shade`."""
    picture = np.full((height, width, 3), shade, np.uint8)
    picture[: height // 4, : width // 4] = 255, 0, 0
    picture[: height // 4, -width // 4 :] = 0, 255, 0
    picture[-height // 4 :, : width // 4] = 0, 0, 255
    return picture


def tenths(count: int) -> list[float]:
    """Times of `count` pictures at 10 per second."""
    return [number / 10 for number in range(count)]


def write_video(
    path: Path,
    times_s: Sequence[float] = tuple(number / 10 for number in range(20)),
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    pixels: str = "yuv420p",
    rotation: int = 0,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    noise: bool = False,
) -> Path:
    """Frame k shows grey level 8*k (mod 200) at times_s[k]; `rotation`: degrees counterclockwise for showing."""
    random = np.random.default_rng(0)
    faststart = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=faststart) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=10, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.time_base = stream.codec_context.time_base = CLOCK
        if rotation:
            stream.set_display_rotation(rotation)
        for number, time in enumerate(times_s):
            picture = corner_picture(*size, shade=8 * number % 200)
            if noise:
                picture[60:180, 80:240] = random.integers(0, 255, (120, 160, 3))
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = round(time / CLOCK), CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        for _ in range(10):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
