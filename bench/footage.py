"""Videos to measure on, made here: nobody's footage is shipped."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BIT_RATE = 15_000_000  # what dashcams write at 1080p30
SIZE = (1920, 1080)


def rendered_1080p(folder: Path, seconds: float = 60.0) -> Path:
    """The demo's patrol, enlarged to 1080p30 with sensor noise so that the bit rate is a dashcam's."""
    from pipelines.simulate.patrol import render_patrol

    source = next(render_patrol(folder / "demo").videos[0].glob("*.mp4"))
    target = folder / "drive-1080p30.mp4"
    noise = np.random.default_rng(1).normal(0, 4, (8, SIZE[1], SIZE[0], 1)).astype(np.int16)
    with av.open(source) as reader, av.open(target, "w") as writer:
        stream = writer.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *SIZE, "yuv420p", BIT_RATE
        stream.time_base = Fraction(1, 30)
        for number, frame in enumerate(reader.decode(video=0)):
            if number >= seconds * 30:
                break
            picture = frame.reformat(*SIZE, format="rgb24").to_ndarray().astype(np.int16) + noise[number % 8]
            enlarged = av.VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="rgb24")
            enlarged.pts, enlarged.time_base = number, Fraction(1, 30)
            writer.mux(stream.encode(enlarged))
        writer.mux(stream.encode(None))
    return target


def without_b_frames(video: Path, folder: Path) -> Path:
    """The same film as most dashcams write it, encoded again at the same bit rate: every picture rests on the last."""
    target = folder / f"{video.stem}-without-b-frames.mp4"
    with av.open(video) as reader, av.open(target, "w") as writer:
        source = reader.streams.video[0]
        stream = writer.add_stream("libx264", rate=source.average_rate, options={"preset": "veryfast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = source.width, source.height, "yuv420p"
        stream.bit_rate = source.bit_rate or BIT_RATE
        stream.time_base = source.time_base
        for frame in reader.decode(source):
            frame.pict_type = av.video.frame.PictureType.NONE
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))
    return target


def looped(video: Path, folder: Path, times: int) -> Path:
    """The same packets `times` over, without encoding again."""
    target = folder / f"{video.stem}-x{times}.mp4"
    with av.open(target, "w") as writer:
        out, offset = None, 0
        for _ in range(times):
            with av.open(video) as reader:
                stream = reader.streams.video[0]
                out = out or writer.add_stream_from_template(stream)
                last = 0
                for packet in reader.demux(stream):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                    last = max(last, packet.pts + (packet.duration or 0))
                    packet.stream = out
                    writer.mux(packet)
                offset = last
    return target
