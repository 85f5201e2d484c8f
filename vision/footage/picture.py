"""One decoded picture, converted only as far as somebody looks at it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray

Window = tuple[int, int, int, int]
Size = tuple[int, int]
PixelFormat = Literal["rgb24", "gray"]

KEPT_GRAPHS = 12


class Converter:
    """Cuts, scales (swscale AREA) and converts pictures of one video; keeps the filter graphs it built.

    A graph that cuts first reads only the window's planes: 0.2 ms for 640x384 out of 1080p, where converting
    the whole frame costs 3 ms.
    """

    def __init__(self) -> None:
        self._graphs: OrderedDict[tuple[object, ...], av.filter.Graph] = OrderedDict()

    def convert(self, picture: av.VideoFrame, window: Window, size: Size, pixels: PixelFormat) -> NDArray[np.uint8]:
        """`window` in coded (unrotated) pixels, even edges; `size` as coded, too."""
        key = (picture.width, picture.height, picture.format.name, window, size, pixels)
        graph = self._graphs.pop(key, None) or _build(picture, window, size, pixels)
        self._graphs[key] = graph
        if len(self._graphs) > KEPT_GRAPHS:
            self._graphs.popitem(last=False)
        graph.push(picture)
        converted = graph.pull()
        assert isinstance(converted, av.VideoFrame)
        return converted.to_ndarray()  # type: ignore[return-value]  # both formats are 8 bit


def _build(picture: av.VideoFrame, window: Window, size: Size, pixels: PixelFormat) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1  # a worker's parallelism is in the decoder; more threads here cost more than they give
    left, top, right, bottom = window
    scaling = [("scale", f"{size[0]}:{size[1]}:flags=area")]
    if pixels == "rgb24" and size != (right - left, bottom - top):
        # swscale's way from scaled planes straight to RGB, which has no more colour, takes twice as long.
        scaling += [("format", "yuv422p"), ("scale", f"{size[0]}:{size[1]}")]
    filters = [("crop", f"{right - left}:{bottom - top}:{left}:{top}"), *scaling, ("format", pixels)]
    graph.link_nodes(
        graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
        ),
        *(graph.add(*each) for each in filters),
        graph.add("buffersink"),
    ).configure()
    return graph


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded picture; converting it is the caller's choice, a frame nobody looks at costs only decoding.

    Attributes:
        index: counts the frames given by this iteration, from 0.
        pts: container presentation time in seconds.
        width, height: native pixels as a player shows the picture (rotation applied).
    """

    index: int
    pts: float
    width: int
    height: int
    _picture: av.VideoFrame
    _turns: int
    _converter: Converter

    def rgb(self, size: Size | None = None, window: Window | None = None) -> NDArray[np.uint8]:
        """The window (x1, y1, x2, y2 in native pixels; default all) scaled to `size` (w, h; default the window's).

        The window is clipped to the picture, and its edges are moved outward to even pixels, because the colour planes
        have half the resolution: ask for even edges where a pixel matters. uint8 (H, W, 3), RGB.
        """
        return self._convert("rgb24", size, window)

    def gray(self, size: Size | None = None, window: Window | None = None) -> NDArray[np.uint8]:
        """As `rgb`, luma only: uint8 (H, W)."""
        return self._convert("gray", size, window)

    def _convert(self, pixels: PixelFormat, size: Size | None, window: Window | None) -> NDArray[np.uint8]:
        coded = _coded_window(window or (0, 0, self.width, self.height), self._turns, self._picture)
        wide, high = coded[2] - coded[0], coded[3] - coded[1]
        if size is not None:
            wide, high = size if self._turns % 2 == 0 else size[::-1]
        picture = self._converter.convert(self._picture, coded, (wide, high), pixels)
        return np.ascontiguousarray(np.rot90(picture, self._turns)) if self._turns else picture


def _coded_window(window: Window, turns: int, picture: av.VideoFrame) -> Window:
    """Where a window of the shown picture lies in the coded one (`turns` quarter turns counterclockwise lead back)."""
    width, height = picture.width, picture.height
    x1, y1, x2, y2 = window
    corners = {
        0: (x1, y1, x2, y2),
        1: (width - y2, x1, width - y1, x2),
        2: (width - x2, height - y2, width - x1, height - y1),
        3: (y1, height - x2, y2, height - x1),
    }[turns]
    left, top = max(0, corners[0]) & ~1, max(0, corners[1]) & ~1
    right, bottom = min(width, corners[2] + (corners[2] & 1)), min(height, corners[3] + (corners[3] & 1))
    if right <= left or bottom <= top:
        raise ValueError(f"window {window} has no pixel of the {width}x{height} picture")
    return left, top, right, bottom
