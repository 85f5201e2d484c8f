"""Video files as lazy streams of frames with their true times.

A frame's time is its container PTS in seconds as libavformat presents it (what `ffprobe` shows): edit lists are
applied, so the first frame may lie a little after 0, or before; nothing is subtracted. Never count frames for time.

What cannot be decoded is left out: after an undecodable packet decoding goes on with the next intact key frame, and
`DamagedVideo`, raised when the file ends, tells what is missing, after all good frames were given.

Example:
    with open_video(path) as video:
        for frame in video:
            small = frame.rgb(size=(640, 384))
"""

from __future__ import annotations

import heapq
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import av
import av.error

from vision.footage.damage import Damage
from vision.footage.picture import Converter, Frame
from vision.footage.probe import MAX_PIXELS, VideoInfo, open_container, probe, quarter_turns, video_stream
from vision.footage.ticks import Ticks

__all__ = ["Frame", "Video", "VideoInfo", "open_video", "probe"]

# Each thread of frame-parallel decoding holds some pictures (12 MB at 4K), and more than four hardly help.
MAX_DECODER_THREADS = 4
REORDERED_BY = 2
SEEK_BACK_S = (0.0, 5.0, 30.0)
# Each retry skips at least 64 KiB of an unreadable stretch (libavformat's resync distance in transport streams).
MAX_READ_RETRIES = 4096

MOST_HELD = 64  # packets; intact files have a handful between two pictures that are looked at

Packet: TypeAlias = "av.Packet[av.video.stream.VideoStream]"
Timed = tuple[av.VideoFrame, float]


def open_video(path: Path, threads: int | None = None) -> Video:
    """Raises a `VideoError` if the file cannot be decoded at all. `threads`: decoder threads, default up to 4."""
    return Video(probe(path), threads or min(MAX_DECODER_THREADS, os.cpu_count() or 1))


class Video:
    """A video that can be iterated, each time from its start; one iteration at a time."""

    def __init__(self, info: VideoInfo, threads: int) -> None:
        self.info = info
        self._threads = threads
        self._damage: Damage | None = None
        self._container: av.container.InputContainer | None = None

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def __iter__(self) -> Iterator[Frame]:
        return self.frames()

    @property
    def decoded_until(self) -> float | None:
        """PTS in seconds that the latest iteration has come to; None before its first frame."""
        return self._damage.decoded_until if self._damage is not None else None

    def sampled(self, most_hz: float) -> Iterator[Frame]:
        """Every n-th frame in presentation order, at most `most_hz` a second.

        Pictures in between on which nothing rests (B-frames, and the end of each group of pictures) are not decoded,
        which saves up to two fifths.
        Raises as `frames`.
        """
        ticks = Ticks.every_nth(most_hz, self.info.fps)
        last: int | None = None
        for frame in self._frames(*self._decoding(None, _Wanted(ticks, 1.0 / self.info.fps))):
            number = ticks.number(frame.pts)
            if number != last:
                last = number
                yield frame

    def frames(self, start_s: float | None = None, end_s: float | None = None) -> Iterator[Frame]:
        """Frames with start_s <= PTS <= end_s in presentation order, decoding from the key frame before.

        Raises `DamagedVideo` after the last good frame if any part could not be decoded.
        """
        return self._frames(*self._from(start_s), start_s, end_s)

    def _frames(
        self, pictures: Iterator[Timed], damage: Damage, start_s: float | None = None, end_s: float | None = None
    ) -> Iterator[Frame]:
        converter = Converter()
        index = 0
        for picture, pts in pictures:
            if end_s is not None and pts > end_s:
                break
            if start_s is None or pts >= start_s:
                yield self._frame(index, pts, picture, converter)
                index += 1
        else:
            damage.at_end()
        damage.raise_if_any()

    def _from(self, start_s: float | None) -> tuple[Iterator[Timed], Damage]:
        """Pictures from a key frame at or before `start_s`: containers without an index may find only a later one."""
        if start_s is not None and start_s > self.info.start_s:
            for back in SEEK_BACK_S:
                pictures, damage = self._decoding(start_s - back)
                first = next(pictures, None)
                if first is not None and first[1] <= start_s:
                    return chain([first], pictures), damage
        return self._decoding(None)

    def _decoding(self, seek_s: float | None, wanted: _Wanted | None = None) -> tuple[Iterator[Timed], Damage]:
        self.close()
        self._container = container = open_container(self.info.path)
        stream = video_stream(container, self.info.path)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = self._threads
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        sought = seek_s is not None and seek_s > self.info.start_s and stream.time_base is not None
        if seek_s is not None and stream.time_base is not None and sought:
            with suppress(av.error.FFmpegError, OSError):  # what cannot seek is read from its start
                container.seek(int(seek_s / stream.time_base), stream=stream)
        self._damage = damage = Damage(self.info, stream, sought=sought)
        return _in_order(_decode(container, stream, damage, wanted), damage), damage

    def _frame(self, index: int, pts: float, picture: av.VideoFrame, converter: Converter) -> Frame:
        turns = quarter_turns(picture)
        width, height = (picture.width, picture.height) if turns % 2 == 0 else (picture.height, picture.width)
        return Frame(index, pts, width, height, picture, turns, converter)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which packets somebody will look at: the first of each period. `spacing_s`: the usual time between pictures."""

    ticks: Ticks
    spacing_s: float

    def __call__(self, packet: Packet) -> bool:
        time_s = _time_of(packet)
        if time_s is None or math.isnan(self.spacing_s):
            return True
        return self.ticks.number(time_s) > self.before(time_s)

    def before(self, time_s: float) -> int:
        """How many periods have begun when the picture before the one at `time_s` is shown."""
        return self.ticks.number(time_s - self.spacing_s)


class _Sieve:
    """Leaves out packets between the last picture that is wanted and the key frame that ends its group: on these no
    other picture rests. Others are held back until it is known that they are needed.
    """

    def __init__(self, wanted: _Wanted, damage: Damage) -> None:
        self._wanted, self._damage = wanted, damage
        self._held: list[Packet] = []
        self._begun = -math.inf  # periods begun with the pictures that were let through
        self._skipped_to = -math.inf

    def needed(self, packet: Packet) -> list[Packet]:
        """What is to be decoded now that this packet was read, in order."""
        time_s = _time_of(packet)
        if time_s is None:
            return [*self._released(), packet]
        if packet.is_keyframe:
            if self._held and self._wanted.before(time_s) <= self._begun:
                self._leave_out(self._held)
                self._held, self._skipped_to = [], time_s
            else:
                self._skipped_to = -math.inf
        elif time_s < self._skipped_to:  # shown before the key frame and read after it: rests on what was left out
            self._leave_out([packet])
            return []
        self._held.append(packet)
        if packet.is_keyframe or self._wanted(packet) or len(self._held) >= MOST_HELD:
            return self._released()
        return []

    def _released(self) -> list[Packet]:
        released, self._held = self._held, []
        times = [time_s for packet in released if (time_s := _time_of(packet)) is not None]
        self._begun = max([self._begun, *(self._wanted.ticks.number(time_s) for time_s in times)])
        return released

    def _leave_out(self, packets: list[Packet]) -> None:
        for packet in packets:
            self._damage.saw_packet(packet)
            if (time_s := _time_of(packet)) is not None:
                self._damage.passed(time_s)


def _time_of(packet: Packet) -> float | None:
    """PTS in seconds; None where the packet has none, as that which ends the file."""
    return None if packet.pts is None or packet.time_base is None else float(packet.pts * packet.time_base)


def _decode(
    container: av.container.InputContainer,
    stream: av.video.stream.VideoStream,
    damage: Damage,
    wanted: _Wanted | None = None,
) -> Iterator[av.VideoFrame]:
    """Intact pictures, in presentation order; without those that are neither wanted nor needed for others."""
    sieve = _Sieve(wanted, damage) if wanted is not None else None
    for read in _read(container, stream, damage):
        for packet in sieve.needed(read) if sieve is not None else [read]:
            damage.saw_packet(packet)
            left_out = wanted is not None and not wanted(packet)
            stream.codec_context.skip_frame = "NONREF" if left_out else "DEFAULT"
            try:
                yield from damage.intact(packet.decode())
                if left_out and (time_s := _time_of(packet)) is not None:
                    damage.passed(time_s)
            except av.error.FFmpegError:
                damage.lost_packet(packet)


def _read(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, damage: Damage
) -> Iterator[Packet]:
    """The stream's packets, the empty one at its end too; goes on after what cannot be read."""
    packets = container.demux(stream)
    retries = 0
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, OSError) as error:
            retries += 1
            if retries > MAX_READ_RETRIES:
                damage.note(f"reading stopped: {error.strerror}")
                return
            damage.lost_picture("that cannot be read")
            packets = container.demux(stream)  # the generator died with its error; the file goes on where it stood
            continue
        if packet is None:
            return
        yield packet


def _in_order(pictures: Iterator[av.VideoFrame], damage: Damage) -> Iterator[Timed]:
    """Pictures with their PTS in seconds, strictly increasing; those without a place in time are left out.

    Streams that do not state how far their pictures are reordered come out of the decoder swapped now and then.
    """
    waiting: list[tuple[float, int, av.VideoFrame]] = []
    last = float("-inf")
    at_end: Iterable[av.VideoFrame | None] = repeat(None, REORDERED_BY)
    for number, picture in enumerate(chain(pictures, at_end)):
        if picture is not None:
            if picture.pts is None:
                damage.misplaced += 1
                continue
            heapq.heappush(waiting, (picture.time, number, picture))
        if waiting and (picture is None or len(waiting) > REORDERED_BY):
            pts, _, earliest = heapq.heappop(waiting)
            if pts < last:
                damage.misplaced += 1
            elif pts > last:
                last = pts
                damage.gave(pts)
                yield earliest, pts
