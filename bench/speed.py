"""Speed and memory: the default plan, from decoding to incidents, against ultralytics `track()`.

    python -m bench.speed                      # makes a 1080p30 H.264 drive from the demo's renderer
    python -m bench.speed --video DRIVE.MP4

Both run in processes of their own, interleaved, on the same file, weights and detection rate, and CPU seconds
(user + system, all threads) are divided by the seconds of video. The floor is decoding as the product does and asking
the network for the same pictures, nothing else; below it stands decoding every frame alone.
The same is measured again on the film without B-frames, as many dashcams write it: of these no picture can be left out.
A second pass over the same video played several times shows whether memory grows with its length.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.detections import Detections
    from models.detector import Detector
    from vision.observe import ObserveSettings

RATE_HZ = 6.0  # of wide looks, and of the peer's detections
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One run in a process of its own. `peak_mb`: largest resident memory, 10^6 bytes."""

    what: str
    video_s: float
    cpu_s: float
    wall_s: float
    peak_mb: float
    found: int

    @property
    def cpu_per_s(self) -> float:
        return self.cpu_s / self.video_s

    @property
    def times_real_time(self) -> float:
        return self.video_s / self.wall_s


def _ours(video: Path, _: Path) -> int:
    from vision.observe import ObserveSettings

    return _observe_and_judge(video, ObserveSettings())


def _wide_looks_only(video: Path, _: Path) -> int:
    """The peer's work: the whole picture at the peer's rate, no closer looks."""
    from vision.look import LookSettings
    from vision.observe import ObserveSettings

    never = 1e-9
    looks = LookSettings(
        wide_hz=RATE_HZ, road_hz=never, road_standing_hz=never, road_max_hz=never, light_hz=never, light_search_hz=never
    )
    return _observe_and_judge(video, ObserveSettings(look=looks))


def _observe_and_judge(video: Path, settings: ObserveSettings) -> int:
    from models.store import load_detector
    from pipelines.judge import judge
    from vision.observe import observe

    return len(judge(observe(video, load_detector(), settings)))


def _peer(video: Path, model: Path) -> int:
    from bench.peer_ultralytics import track
    from vision.footage.probe import probe

    return track(model, video, RATE_HZ, probe(video).fps or 30.0)


class _Recorder:
    """A detector that keeps how large the pictures were that it was asked for."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.shapes: list[tuple[int, ...]] = []
        self.model_id, self.thresholds = detector.model_id, detector.thresholds

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        self.shapes.append(picture.shape)
        return self._detector.detect(picture)


def _floor(video: Path, _: Path) -> int:
    """What the product asks the network for is found out first, by a run that is not counted; imports are."""
    import openvino  # noqa: F401  # by the first `load_detector` otherwise, which is not counted

    import pipelines.judge  # noqa: F401
    from models.store import load_detector
    from vision.footage.video import open_video
    from vision.observe import ObserveSettings
    from vision.perceive import perceive

    before, begin, settings = _cpu_s(), time.monotonic(), ObserveSettings()
    recorder = _Recorder(load_detector())
    with open_video(video) as opened:
        perceive(opened, recorder, settings.look, settings.flow_hz)
    _uncounted.append((_cpu_s() - before, time.monotonic() - begin))
    detector = load_detector()
    hz = max(settings.look.wide_hz, settings.look.light_hz, settings.flow_hz)
    with open_video(video) as opened:
        frames = sum(1 for _ in opened.sampled(hz))
    for shape in recorder.shapes:
        detector.detect(np.full(shape, 114, np.uint8))
    return frames


def _decode(video: Path, _: Path) -> int:
    import av

    with av.open(video) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        return sum(1 for _ in container.decode(stream))


RUNS: dict[str, Callable[[Path, Path], int]] = {
    "ours": _ours,
    "ours, wide looks": _wide_looks_only,
    "track": _peer,
    "floor": _floor,
    "decode": _decode,
}
_uncounted: list[tuple[float, float]] = []  # CPU and wall seconds that a run spent on what is not measured


def _measure_here(what: str, video: Path, model: Path) -> Reading:
    """Run in this process; imports and model loading count, as they do for a user."""
    from vision.footage.probe import probe

    length = probe(video).duration_s or float("nan")
    begin = time.monotonic()
    found = RUNS[what](video, model)
    cpu_s, wall_s = _cpu_s(), time.monotonic() - begin
    for cpu, wall in _uncounted:
        cpu_s, wall_s = cpu_s - cpu, wall_s - wall
    return Reading(what, length, cpu_s, wall_s, _peak_mb(), found)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak_mb() -> float:
    """Largest resident size of this program; getrusage would count the parent's before exec, too."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6


def _measure(what: str, video: Path, model: Path) -> Reading:
    command = [sys.executable, "-m", "bench.speed", "--one", what, "--video", str(video), "--model", str(model)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Reading(**json.loads(output.strip().splitlines()[-1]))


def _table(readings: list[Reading]) -> list[str]:
    lines = [f"{'':18}{'CPU-s per s':>12}{'x real time':>12}{'peak MB':>9}{'found':>7}"]
    for what in RUNS:
        own = [each for each in readings if each.what == what]
        median = statistics.median(each.cpu_per_s for each in own)
        speed = statistics.median(each.times_real_time for each in own)
        peak = max(each.peak_mb for each in own)
        lines.append(f"{what:18}{median:12.3f}{speed:12.2f}{peak:9.0f}{own[0].found:7d}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--one", choices=sorted(RUNS), help=argparse.SUPPRESS)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(_measure_here(options.one, options.video, options.model))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        _compare(options.video, options.rounds, Path(scratch))


def _compare(video: Path | None, rounds: int, scratch: Path) -> None:
    from bench.footage import looped, rendered_1080p, without_b_frames
    from bench.peer_ultralytics import export_peer

    video = video or rendered_1080p(scratch)
    model = export_peer(scratch)
    films = {video: video.name, without_b_frames(video, scratch): "the same without B-frames"}
    readings = {film: [_measure(what, film, model) for _ in range(rounds) for what in RUNS] for film in films}
    for film, name in films.items():
        print("\n".join([name, *_table(readings[film])]))
    long = _measure("ours", looped(video, scratch, times=4), model)
    short = [each for each in readings[video] if each.what == "ours"]
    times, short_peak = long.video_s / short[0].video_s, max(each.peak_mb for each in short)
    print(f"memory, {times:.0f} times the length: {short_peak:.0f} -> {long.peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
