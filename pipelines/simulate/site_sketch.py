"""The site file of the demo's fixed camera: its stop line, lights and no-parking patch in the picture."""

from __future__ import annotations

import numpy as np

from pipelines.simulate import demo_plan as plan
from pipelines.simulate.mesh import Floats
from pipelines.simulate.stage import Pose, project

# Half the size of a signal head and a little, metres.
_HEAD = (0.35, 0.75)


def _pixels(points: list[tuple[float, float, float]], pose: Pose, width: int, height: int) -> Floats:
    return project(np.array(points, float), pose, width, height)[:, :2]


def _listed(points: Floats) -> str:
    return "[" + ", ".join(f"[{x:.1f}, {y:.1f}]" for x, y in points) + "]"


def _signal_boxes(pose: Pose, width: int, height: int) -> str:
    boxes = []
    for head in plan.junction_scenario().heads[:2]:
        corners = [(head.x + a * _HEAD[0], head.y, head.z - 0.5 + b * _HEAD[1]) for a in (-1, 1) for b in (-1, 1)]
        seen = _pixels(corners, pose, width, height)
        (x1, y1), (x2, y2) = seen.min(0), seen.max(0)
        boxes.append(f"[{x1:.1f}, {y1:.1f}, {x2:.1f}, {y2:.1f}]")
    return "[" + ", ".join(boxes) + "]"


def site_text(camera: tuple[float, float], zone: str, width: int, height: int) -> str:
    """TOML for a camera at `camera` (lon, lat) with pictures of `width` x `height`."""
    pose = plan.JUNCTION_CAMERA
    reach = plan.LAYOUT.lane * plan.LAYOUT.lanes - 0.1
    line = _pixels([(0.1, plan.STOP_LINE, 0), (reach, plan.STOP_LINE, 0)], pose, width, height)
    before = _pixels([(reach / 2, plan.STOP_LINE - 9, 0)], pose, width, height)[0]
    x1, y1, x2, y2 = plan.NO_PARKING_PATCH
    patch = _pixels([(x1, y1, 0), (x2, y1, 0), (x2, y2, 0), (x1, y2, 0)], pose, width, height)
    focal = width / 2 / np.tan(np.radians(pose.fov) / 2)
    return f"""# Written by the renderer, which knows where everything is; docs/site-files.md explains the keys.
[site]
name = "Mill Street junction"
zone = "{zone}"
location = {{ lon = {camera[0]}, lat = {camera[1]}, accuracy_m = 35.0 }}
datum = "wgs84"

[[camera]]
name = "roof"
files = ["*.mp4"]
mounting = "fixed"
ground = {{ focal_px = {focal:.2f}, centre_x = {width / 2}, horizon_y = {height / 2}, height_m = {pose.z} }}

[[camera.approach]]
name = "Mill Street eastbound"
stop_line = {_listed(line)}
from = [{before[0]:.1f}, {before[1]:.1f}]
signals = {_signal_boxes(pose, width, height)}
grace_s = 0.3

[[camera.no_parking]]
name = "kerb before the junction"
polygon = {_listed(patch)}
max_stop_s = {plan.NO_PARKING_LIMIT_S}
source = "invented for the demo"
"""
