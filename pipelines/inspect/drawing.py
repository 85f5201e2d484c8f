"""One moment of a log as one picture: overlay, bird's-eye view beside it, words below."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import Final

import numpy as np

from pipelines.evidence.blur import blur
from pipelines.evidence.draw import STRIP, Marks, Picture, annotated
from pipelines.evidence.frames import Shot
from pipelines.evidence.privacy import Privacy
from pipelines.inspect.birdseye import Panel, drawn_panel
from pipelines.inspect.ground_grid import grid_lines, reach_of
from pipelines.inspect.markings import draw_from_above, draw_markings, laid
from pipelines.inspect.overlay import draw_cut, draw_ground, draw_sights
from pipelines.inspect.replay import Instant, Replay
from pipelines.inspect.seeing import draw_seeing
from pipelines.inspect.words import status
from vision.log import ObservationLog

PANEL_SHARE: Final = 0.55  # of the picture's height
NARROWEST_PANEL: Final = 200
LOWEST_PANEL: Final = 0.6  # of the room's height; a flat picture has empty room below it
LONGEST_WORDS: Final = 110  # letters of a line of the strip; more are left out


@dataclass(frozen=True, slots=True)
class Room:
    """The largest the video's picture may be drawn, pixels; smaller ones are enlarged, so that words find a place."""

    width: int
    height: int


class Drawing:
    """Draws moments of one log, all in one size with even sides."""

    def __init__(self, log: ObservationLog, room: Room) -> None:
        self._log, self._replay = log, Replay(log)
        meta = log.meta
        self.scale = min(room.width / meta.width, room.height / meta.height)
        self._size = (round(meta.width * self.scale) & ~1, round(meta.height * self.scale) & ~1)
        reach = reach_of(log.observations.forward_m)
        self._grid = grid_lines(meta.ground_camera, meta.height, reach)
        high = max(self._size[1], round(LOWEST_PANEL * room.height) & ~1)
        self._panel = Panel(max(NARROWEST_PANEL, round(PANEL_SHARE * high)) & ~1, high, reach)
        line = np.zeros((2, self._size[0] + self._panel.width, 3), np.uint8)
        longest = "wide " * (LONGEST_WORDS // 5)
        self._height = (high + annotated(line, Marks(), (longest, longest)).shape[0]) & ~1

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the part that shows the video."""
        return self._size

    def of(self, shot: Shot, privacy: Privacy | None) -> Picture:
        """RGB. `privacy`: what to blur; None draws the video's picture as it is."""
        picture = shot.frame.rgb(size=self._size)
        if privacy is not None:
            blur(picture, privacy.regions(shot.time_s).scaled(self.scale))
        return self.over(picture, self._replay.at(shot.time_s))

    def over(self, picture: Picture, instant: Instant) -> Picture:
        """`picture`: RGB of `picture_size`, drawn over in place."""
        camera = self._log.meta.ground_camera
        draw_ground(picture, camera, self._grid, self.scale)
        markings = laid(self._log, instant.frame)
        draw_markings(picture, markings, camera, self.scale)
        draw_sights(picture, instant, self.scale)
        if self._log.frames.cut[instant.frame]:
            draw_cut(picture)
        panel = drawn_panel(self._panel, instant, camera, self._log.meta.width)
        draw_from_above(panel, markings, self._panel)
        draw_seeing(panel, self._panel, self._log, instant.time_s)
        below = np.full((self._panel.height - picture.shape[0], picture.shape[1], 3), STRIP, np.uint8)
        beside = np.concatenate([np.concatenate([picture, below]), panel], axis=1)
        return self._with_words(beside, status(self._log, instant))

    def _with_words(self, picture: Picture, words: tuple[str, str]) -> Picture:
        """In one height, however the words wrap."""
        short = tuple(shorten(text, LONGEST_WORDS, placeholder="…") for text in words)
        drawn = annotated(picture, Marks(), short)[: self._height]
        whole = np.full((self._height, drawn.shape[1], 3), STRIP, np.uint8)
        whole[: drawn.shape[0]] = drawn
        return whole
