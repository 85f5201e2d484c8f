"""`patrol calibrate`: the optics of a dashcam, found from what it filmed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from models.detector import Detector
from models.errors import BadUse
from pipelines.batch.released_detector import ReleasedDetector
from service.cli.options import check_folder_of
from vision.errors import GpsError
from vision.footage.probe import VideoInfo, probe
from vision.footage.video import open_video
from vision.gps import read_gps
from vision.log import GroundCamera
from vision.measured_camera import Estimate, MeasuredCamera, measured_camera
from vision.motion.egomotion import ego_motion, mounting_of
from vision.motion.route import Fixes, fixes_in, scale_by
from vision.observe import ObserveSettings
from vision.optics import Findings, find_camera
from vision.perceive import Perceived, perceive
from vision.timing.clock import estimate_clock

console = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)

Videos = Annotated[
    list[Path],
    typer.Argument(help="Videos of one camera, the more turns and traffic in them the better.", show_default=False),
]
Gps = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Position log; default: that beside or in each video.", show_default=False),
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to write the camera's table (TOML).", show_default=False)
]
Name = Annotated[str, typer.Option(metavar="NAME", help="The camera's name in the table.")]
Network = Annotated[str | None, typer.Option(metavar="NAME", help="Released network.", show_default=False)]


def register(app: typer.Typer) -> None:
    app.command("calibrate")(calibrate)


def calibrate(
    videos: Videos, gps: Gps = None, out: Out = None, name: Name = "dashcam", network: Network = None
) -> None:
    """Find a driving camera's focal length, height, horizon, roll and lens, and say how well each is known.

    Turns show the lens, driving straight the horizon, cars and people the height, GPS the length of the way. What the
    footage does not show stays as it is likely for dashcams. The table that is written goes into a site file.
    """
    check_folder_of(out)
    infos = _checked(videos)
    detector = ReleasedDetector(network).load()
    findings = []
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("watching", total=len(infos))
        for info in infos:
            findings.append(_findings(info, gps, detector))
            progress.advance(task)
    size = (infos[0].width, infos[0].height)
    measured = measured_camera(findings, size)
    console.print(_table(measured))
    if all(one.turns is None for one in findings):
        err.print("no turn shows the lens: focal length and distances stay as sure as is said above")
    if out is not None:
        out.write_text(camera_toml(measured.camera, name, [info.path.name for info in infos]), encoding="utf-8")
        console.print(f"{out}: copy it into the site file, docs/site-files.md")


def _checked(videos: Sequence[Path]) -> list[VideoInfo]:
    for video in videos:
        if not video.exists():
            raise BadUse(f"{video}: no such file", advice="give videos of one camera")
    infos = [probe(video) for video in videos]
    if len({(info.width, info.height) for info in infos}) > 1:
        raise BadUse("the videos have pictures of different sizes", advice="give those of one camera")
    return infos


def _findings(info: VideoInfo, gps: Path | None, detector: Detector) -> Findings:
    settings = ObserveSettings()
    with open_video(info.path) as video:
        seen = perceive(video, detector, settings.look, settings.flow_hz)
    fixes = _fixes(info, gps, seen)
    if mounting_of(seen.motions, seen.width, None if fixes is None else fixes.speed) == "fixed":
        raise BadUse(
            f"{info.path}: the camera does not drive",
            advice="scan finds the optics of cameras that stand from the cars that pass, each time",
        )
    findings, steps = find_camera(seen, "moving")
    if fixes is None:
        return findings
    ego = ego_motion(seen.frame_s, steps, "moving")
    return replace(findings, gps_factor=scale_by(fixes, seen.frame_s, ego))


def _fixes(info: VideoInfo, gps: Path | None, seen: Perceived) -> Fixes | None:
    try:
        track = read_gps(info.path, () if gps is None else (gps,), "wgs84", info.duration_s)
    except GpsError as error:
        if gps is not None:
            raise
        err.print(f"{info.path.name}: no position: {error}")
        return None
    return None if track is None else fixes_in(track, estimate_clock(info, track), seen.first_s, seen.last_s)


def _table(measured: MeasuredCamera) -> Table:
    table = Table("", "value", "±", "unit", "from")
    _row(table, "focal length", measured.focal_px, "px", 1.0, 0)
    _row(table, "height", measured.height_m, "m", 1.0, 2)
    _row(table, "horizon, row", measured.horizon_y, "px", 1.0, 1)
    _row(table, "pitch, down", measured.pitch_rad, "deg", math.degrees(1.0), 1)
    _row(table, "yaw, left of the drive", measured.yaw_rad, "deg", math.degrees(1.0), 1)
    _row(table, "roll, horizon falls right", measured.roll_rad, "deg", math.degrees(1.0), 1)
    _row(table, "lens (1 pinhole, 0 equidistant)", measured.bend, "", 1.0, 2)
    table.add_row("all distances", "", f"{100 * measured.camera.scale_std:.0f}", "%", "")
    return table


def _row(table: Table, what: str, found: Estimate | None, unit: str, factor: float, digits: int) -> None:
    if found is None:
        table.add_row(what, "unknown", "", unit, "")
        return
    told = f"{factor * found.value:.{digits}f}", f"{factor * found.std:.{digits}f}"
    table.add_row(what, *told, unit, found.source)


def camera_toml(camera: GroundCamera, name: str, files: Sequence[str]) -> str:
    """The camera's table of a site file."""
    lines = [
        "[[camera]]",
        f"name = {_quoted(name)}",
        f"files = [{', '.join(map(_quoted, files))}]",
        'mounting = "moving"',
        "",
        "[camera.ground]",
        f"focal_px = {camera.focal_px:.1f}",
        f"centre_x = {camera.centre_x:.1f}",
        f"horizon_y = {camera.horizon_y:.1f}",
        f"height_m = {camera.height_m:.3f}",
        f"scale_std = {camera.scale_std:.3f}",
        f"pitch_std_deg = {math.degrees(camera.pitch_std):.2f}",
    ]
    if camera.lens is not None:
        lines += [
            "",
            "[camera.ground.lens]",
            f"centre_y = {camera.lens.centre_y:.1f}",
            f'model = "{camera.lens.model}"',
            f"distortion = {np.round(camera.lens.distortion, 6).tolist()}",
            f"roll_deg = {math.degrees(camera.lens.roll_rad):.2f}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
