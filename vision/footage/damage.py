"""Keeps count of what could not be decoded in a video, and says it in one error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import av

from vision.errors import DamagedVideo
from vision.footage.probe import VideoInfo

# Containers round the duration, and their audio may run longer than the picture.
SHORT_BY_S = 2.0
SHORT_BY_SHARE = 0.05
# A few pictures out of order are a quirk of the encoder; more are a clock that jumped back.
MISPLACED_SHARE = 0.02
NEVER = -(2**63)


class Damage:
    """The damage found so far in one pass over a video.

    Attributes:
        decoded_until: PTS in seconds of the last frame given or left out on purpose, None before the first.
        misplaced: pictures left out because they have no time stamp, or one that runs backwards.
    """

    def __init__(self, info: VideoInfo, stream: av.video.stream.VideoStream, *, sought: bool = False) -> None:
        self.decoded_until: float | None = None
        self.misplaced = 0
        self._given = 0
        self._info = info
        self._size = stream.codec_context.width, stream.codec_context.height
        self._last_indexed = _last_indexed(stream)
        self._last_dts = -1
        # Pictures before the key frame that was sought may rest on others that are not decoded: no damage.
        self._counted_from: int | None = None if sought else NEVER
        self._lost: Counter[str] = Counter()
        self._first_lost_after: float | None = None
        self._notes: list[str] = []
        self._until_key_frame = False

    def gave(self, pts: float) -> None:
        self.passed(pts)
        self._given += 1

    def passed(self, pts: float) -> None:
        self.decoded_until = max(pts, self.decoded_until or pts)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def lost_picture(self, why: str = "that cannot be decoded") -> None:
        if not self._lost:
            self._first_lost_after = self.decoded_until
        self._lost[why] += 1
        self._until_key_frame = True

    def lost_packet(self, packet: av.Packet[av.video.stream.VideoStream]) -> None:
        if packet.pts is None or packet.pts >= (self._counted_from or NEVER):
            self.lost_picture()

    def saw_packet(self, packet: av.Packet[av.video.stream.VideoStream]) -> None:
        if self._counted_from is None:
            self._counted_from = NEVER if packet.pts is None else packet.pts
        if packet.dts is not None:
            self._last_dts = max(self._last_dts, packet.dts)
        if packet.is_corrupt:
            self.lost_picture()

    def intact(self, pictures: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Leaves out pictures with concealed errors, and those predicted from them: all up to the next key frame."""
        for picture in pictures:
            if picture.pts is not None and picture.pts < (self._counted_from or NEVER):
                continue
            if picture.is_corrupt:
                self.lost_picture()
            elif (picture.width, picture.height) != self._size:
                self.lost_picture("of another size")
            elif picture.key_frame or not self._until_key_frame:
                self._until_key_frame = False
                yield picture
            else:
                self.lost_picture()

    def at_end(self) -> None:
        """The file was read to its end: is that where it should end?"""
        if self._last_indexed is not None:
            if self._last_dts < self._last_indexed:
                self.note("the file ends before its last pictures")
            return
        claimed = self._info.duration_s + min(self._info.start_s, 0)
        slack = max(SHORT_BY_S, SHORT_BY_SHARE * claimed)
        if self.decoded_until is not None and self.decoded_until < claimed - slack:
            self.note(f"it should last {claimed:.0f} s")

    def raise_if_any(self) -> None:
        if self.misplaced > MISPLACED_SHARE * (self._given + self.misplaced):
            self.note(f"{self.misplaced} pictures have no time stamp or one that runs backwards")
        if not self._lost and not self._notes:
            return
        until = "nothing" if self.decoded_until is None else f"up to {self.decoded_until:.2f} s"
        parts = [f"{count} picture{'s'[: count > 1]} {why}" for why, count in self._lost.items()]
        if self._first_lost_after is not None:
            parts[0] += f", first after {self._first_lost_after:.2f} s"
        raise DamagedVideo(
            f"{self._info.path.name} is damaged: {'; '.join([*parts, *self._notes])}; decoded {until}",
            advice="what was decoded counts; copy the file from the camera again for the rest",
            decoded_until=self.decoded_until,
        )


def _last_indexed(stream: av.video.stream.VideoStream) -> int | None:
    """The last time stamp of an MP4's or MOV's index, which lists every picture; None for other containers."""
    if "mp4" not in stream.container.format.name:
        return None
    entries = stream.index_entries
    return entries[len(entries) - 1].timestamp if len(entries) else None
