"""What to look at, how close and how often: a plan made of what was seen last.

Three kinds of look share one network. `wide` sees the whole picture small and often; `road` sees the ground ahead
close and seldom, by metres travelled, because litter does not move; `light` sees signal heads close, once some were
seen, and searches the band where they hang now and then. Pure: frozen state in, looks out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections
from models.taxonomy import LIGHTS, LITTER, class_ids
from vision.log import Floats, GroundCamera
from vision.overlap import Boxes

Kind = Literal["wide", "road", "light", "search"]
Window = tuple[int, int, int, int]
Size = tuple[int, int]

LIGHT_IDS: Final = class_ids(LIGHTS)
WASTE_IDS: Final = class_ids(LITTER)
EARLY_S: Final = 0.04  # frames come a sixth of a second apart; their time stamps jitter
SEARCH_SHARE: Final = 0.6  # of the picture's sides: a search that shows more is no closer than the wide look


@dataclass(frozen=True, slots=True)
class LookSettings:
    """Rates in looks per second of video; areas and sizes (w, h) in pixels given to the network.

    Each size is one shape for the network, kept for a whole video: a new shape costs a compilation and memory.

    Attributes:
        wide_hz, wide_area: looks at the whole picture, at most so often, scaled to that many pixels.
        road_hz: road looks while the camera drives at an unknown speed. road_standing_hz: while it stands.
        road_every_m: metres between road looks while driving at a known speed, at most `road_max_hz`.
        road_size, fixed_size: of a road look from a car and from a fixed camera.
        near_m, far_m: the stretch of road that a road look covers. It reaches as far to the sides as its size allows:
            what lies beside the near end was seen farther ahead before.
        road_enlarge: at most; litter of 15 px is found only when enlarged to 40 px.
        road_again: times a standing camera looks again where it saw something at least `waste_confidence` like waste.
        light_hz: looks at heads that were seen, of `light_size`, at most `light_windows` of them at once.
        light_search_hz: looks for heads where none was seen.
        light_memory_s: how long heads are looked at after they were last seen with `light_confidence` or more.
        head_px, light_sure: height of a signal head, in the wide look's picture, and confidence from which its state is
            believed without a closer look.
    """

    wide_hz: float = 6.0
    wide_area: int = 640 * 360
    road_hz: float = 1.25
    road_standing_hz: float = 1.0
    road_max_hz: float = 3.0
    road_every_m: float = 5.0
    road_size: Size = (1280, 352)
    fixed_size: Size = (832, 544)
    road_enlarge: float = 2.5
    road_again: int = 2
    near_m: float = 2.8
    far_m: float = 16.0
    waste_confidence: float = 0.2
    light_hz: float = 6.0
    light_search_hz: float = 0.5
    light_size: Size = (320, 192)
    light_windows: int = 2
    light_memory_s: float = 2.0
    light_confidence: float = 0.15
    light_sure: float = 0.5
    head_px: float = 24.0


@dataclass(frozen=True, slots=True)
class Look:
    """One picture for the network: `window` of the frame in native pixels (even edges), scaled to `size` (w, h)."""

    kind: Kind
    window: Window
    size: Size

    @property
    def logged(self) -> str:
        """Its kind as the log names it: a search is for lights."""
        return "light" if self.kind == "search" else self.kind

    @property
    def scale(self) -> tuple[float, float]:
        """Frame pixels per picture pixel, x and y."""
        x1, y1, x2, y2 = self.window
        return (x2 - x1) / self.size[0], (y2 - y1) / self.size[1]


@dataclass(frozen=True, slots=True)
class LookState:
    """What the planner knows: when it last looked, the road travelled since, and the heads seen lately."""

    wide_s: float = -np.inf
    road_s: float = -np.inf
    light_s: float = -np.inf
    search_s: float = -np.inf
    metres: float = np.inf
    road_tile: int = 0
    road_seen: int = 0
    heads: Detections = field(default_factory=Detections.empty)
    heads_s: float = -np.inf


@dataclass(frozen=True, slots=True)
class View:
    """The picture's size in pixels, its optics, and how the camera moves (`speed_mps` NaN when unknown)."""

    width: int
    height: int
    camera: GroundCamera
    speed_mps: float
    standing: bool
    fixed: bool


def plan(state: LookState, time_s: float, view: View, settings: LookSettings) -> tuple[Look, ...]:
    """The looks due at a frame; often none."""
    looks: list[Look] = []
    if due(time_s, state.wide_s, settings.wide_hz):
        looks.append(wide_look(view, settings))
    if _road_due(state, time_s, view, settings):
        tiles = road_looks(view, settings)
        looks.append(tiles[state.road_tile % len(tiles)])
    if time_s - state.heads_s <= settings.light_memory_s and due(time_s, state.light_s, settings.light_hz):
        looks.extend(light_looks(state.heads, view, settings))
    if due(time_s, state.search_s, settings.light_search_hz):
        looks.append(search_look(view, settings))
    return tuple(looks)


def travelled(state: LookState, metres: float) -> LookState:
    return replace(state, metres=state.metres + metres)


def noted(
    state: LookState, time_s: float, looks: tuple[Look, ...], found: Detections, settings: LookSettings
) -> LookState:
    """The state after the looks of a frame. `found`: in frame coordinates."""
    kinds = {look.kind for look in looks}
    heads = found.of(LIGHT_IDS)
    heads = heads[heads.confidence >= settings.light_confidence]
    state = replace(
        state,
        wide_s=time_s if "wide" in kinds else state.wide_s,
        light_s=time_s if "light" in kinds else state.light_s,
    )
    if "search" in kinds:
        state = replace(state, search_s=time_s)
    if "road" in kinds:
        waste = bool((found.of(WASTE_IDS).confidence >= settings.waste_confidence).any())
        again = waste and state.road_seen < settings.road_again
        seen, tile = (state.road_seen + 1, state.road_tile) if again else (0, state.road_tile + 1)
        state = replace(state, road_s=time_s, metres=0.0, road_tile=tile, road_seen=seen)
    if len(heads):
        state = replace(state, heads=heads, heads_s=time_s)
    return state


def wide_look(view: View, settings: LookSettings) -> Look:
    """The whole frame; pictures only a little larger than the area given are not scaled at all."""
    scale = _near_native(min(float(np.sqrt(settings.wide_area / (view.width * view.height))), 1.0))
    size = max(32, _even(view.width * scale)), max(32, _even(view.height * scale))
    return Look("wide", (0, 0, view.width, view.height), size)


def road_looks(view: View, settings: LookSettings) -> list[Look]:
    """The ground ahead in one picture; while the camera stands enlarged in tiles, and for a fixed one all that lies
    below the horizon. Tiles are to be taken in turn.
    """
    size = _road_size(view, settings)
    if not (view.standing or view.fixed):
        return [Look("road", _road_ahead(view, settings), size)]
    region = _below_horizon(view) if view.fixed else _road_ahead(view, settings)
    tile = (size[0] / settings.road_enlarge, size[1] / settings.road_enlarge)
    return [Look("road", window, size) for window in _tiles(region, tile, view)]


def light_looks(heads: Detections, view: View, settings: LookSettings) -> list[Look]:
    """Windows round the heads that the wide look shows too small or not surely, at most `light_windows` of them."""
    wide = wide_look(view, settings)
    high = (heads.boxes[:, 3] - heads.boxes[:, 1]) / wide.scale[1]
    small = heads.boxes[(high < settings.head_px) | (heads.confidence < settings.light_sure)]
    groups = _clusters(small, view, settings)
    return [Look("light", _window_round(group, view, settings), settings.light_size) for group in groups]


def search_look(view: View, settings: LookSettings) -> Look:
    """Where signal heads first appear: above the horizon, in the middle of the picture, native or enlarged, in the
    wide look's size.
    """
    size = wide_look(view, settings).size
    scale = min(1.0, SEARCH_SHARE * view.width / size[0], SEARCH_SHARE * view.height / size[1])
    wide, high = size[0] * scale, size[1] * scale
    middle = view.width / 2 if view.fixed else min(max(view.camera.centre_x, wide / 2), view.width - wide / 2)
    bottom = min(view.camera.horizon_y + high * 0.15, view.height)
    return Look("search", _inside(middle - wide / 2, bottom - high, wide, high, view), size)


def due(time_s: float, last_s: float, rate: float) -> bool:
    """Whether what happens `rate` times a second and did so last at `last_s` (-inf: never) is to happen again."""
    return rate > 0 and time_s - last_s >= 1.0 / rate - EARLY_S


def _road_due(state: LookState, time_s: float, view: View, settings: LookSettings) -> bool:
    if view.standing or view.fixed:
        return due(time_s, state.road_s, settings.road_standing_hz)
    if np.isnan(view.speed_mps):
        return due(time_s, state.road_s, settings.road_hz)
    return state.metres >= settings.road_every_m and due(time_s, state.road_s, settings.road_max_hz)


def _below_horizon(view: View) -> Window:
    top = min(max(view.camera.horizon_y, 0.0), view.height * 0.8)
    return _inside(0, top, view.width, view.height - top, view)


def _road_size(view: View, settings: LookSettings) -> Size:
    """The size of road looks, less where even the whole picture, enlarged, is smaller."""
    wide, high = settings.fixed_size if view.fixed else settings.road_size
    return (
        min(wide, _whole(view.width * settings.road_enlarge)),
        min(high, _whole(view.height * settings.road_enlarge / 2)),
    )


def _road_ahead(view: View, settings: LookSettings) -> Window:
    """The picture of the road from `near_m` to `far_m`, as wide as the look's size makes it."""
    camera = view.camera
    drop = camera.focal_px * camera.height_m
    top = min(camera.horizon_y + drop / settings.far_m, view.height * 0.8)
    bottom = min(camera.horizon_y + drop / settings.near_m, float(view.height))
    if bottom - top < 64:  # optics that put the near road below the picture
        bottom = min(top + view.height / 3, float(view.height))
    size = _road_size(view, settings)
    scale = _near_native(min(size[1] / (bottom - top), settings.road_enlarge))
    scale = max(scale, size[0] / view.width, size[1] / view.height)
    wide, high = size[0] / scale, size[1] / scale
    return _inside(camera.centre_x - wide / 2, top, wide, high, view)


def _tiles(region: Window, tile: tuple[float, float], view: View) -> list[Window]:
    """Windows of the tile's size (w, h) that cover the region, row by row; they may overlap."""
    x1, y1, x2, y2 = region
    xs, ys = _starts(x1, x2, tile[0]), _starts(y1, y2, tile[1])
    return [_inside(x, y, *tile, view) for y in ys for x in xs]


def _starts(low: float, high: float, step: float) -> Floats:
    """Where parts of length `step` begin that cover low..high."""
    count = max(1, int(np.ceil((high - low) / step - 0.1)))
    return np.linspace(low, max(high - step, low), count)


def _clusters(heads: Boxes, view: View, settings: LookSettings) -> list[Boxes]:
    """Heads that one window can show together, the window with most heads first."""
    left = heads
    groups: list[Boxes] = []
    while len(left) and len(groups) < settings.light_windows:
        best = max((_together(left, row, view, settings) for row in range(len(left))), key=lambda rows: int(rows.sum()))
        groups.append(left[best])
        left = left[~best]
    return groups


def _together(heads: Boxes, row: int, view: View, settings: LookSettings) -> NDArray[np.bool_]:
    """Which heads lie whole in the window round head `row`."""
    x1, y1, x2, y2 = _window_round(heads[row : row + 1], view, settings)
    inside = (heads[:, 0] >= x1) & (heads[:, 1] >= y1) & (heads[:, 2] <= x2) & (heads[:, 3] <= y2)
    inside[row] = True
    return np.asarray(inside)


def _window_round(heads: Boxes, view: View, settings: LookSettings) -> Window:
    """A window whose heads come out `head_px` high or at least native, in the picture of a light look."""
    height = float(np.median(heads[:, 3] - heads[:, 1]))
    enlarge = min(max(settings.head_px / max(height, 1.0), 1.0), 2.0)
    wide, high = (side / enlarge for side in settings.light_size)
    middle = (heads[:, :2].min(axis=0) + heads[:, 2:].max(axis=0)) / 2
    return _inside(float(middle[0]) - wide / 2, float(middle[1]) - high / 2, wide, high, view)


def _near_native(scale: float) -> float:
    """Near 1 a picture is left alone, which is sharper."""
    return 1.0 if 0.8 <= scale <= 1.25 else scale


def _inside(left: float, top: float, wide: float, high: float, view: View) -> Window:
    """The window with even edges, moved and then clipped into the picture."""
    wide, high = min(wide, view.width), min(high, view.height)
    x1 = min(max(left, 0.0), view.width - wide)
    y1 = min(max(top, 0.0), view.height - high)
    return _even(x1), _even(y1), _even(min(x1 + wide, view.width)), _even(min(y1 + high, view.height))


def _even(value: float) -> int:
    return 2 * round(value / 2)


def _whole(value: float) -> int:
    """At least 32, a multiple of 32: sizes that the network takes without padding."""
    return 32 * max(1, int(value / 32))
