"""Tiny videos with a white square on a grey street: enough for a batch to find something in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, RATE = 320, 240, 10


def write_square_video(
    path: Path, seconds: float = 2.0, shade: int = 90, square: bool = True, first_s: float = 0.0
) -> Path:
    """A standing camera; `shade` of grey makes contents differ. `first_s`: PTS of the first frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(shade)
    street = rng.integers(shade - 20, shade + 20, (HEIGHT, WIDTH, 1), np.uint8).repeat(3, axis=2)
    if square:
        street[170:200, 150:190] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(street, format="rgb24")
            frame.pts, frame.time_base = round(first_s * RATE) + number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
