"""The peer: ultralytics `track()` on the same network, exported by ultralytics itself to OpenVINO."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from models.manifest import CHECKPOINT_NAME, read_release

SIZE = (384, 640)  # height, width


def export_peer(folder: Path) -> Path:
    """Our released weights as an ultralytics OpenVINO model folder (fp16 weights, computed in f32)."""
    from ultralytics import YOLO

    from models.network import load_network

    model = YOLO("yolo26n.yaml")
    network = load_network(read_release().file(CHECKPOINT_NAME))
    network.args, network.task = dict(model.model.args), "detect"
    model.model = network
    with tempfile.TemporaryDirectory() as scratch:
        network.pt_path = str(Path(scratch) / "street.pt")  # names the export; no such file is written
        exported = Path(model.export(format="openvino", imgsz=SIZE, verbose=False))
        target = folder / exported.name
        shutil.copytree(exported, target, dirs_exist_ok=True)
    return target


def track(model: Path, video: Path, rate_hz: float, fps: float) -> int:
    """Run ByteTrack over the video, detecting `rate_hz` times a second; returns the number of track rows."""
    from ultralytics import YOLO

    results = YOLO(model, task="detect").track(
        source=str(video),
        imgsz=SIZE,
        vid_stride=max(1, round(fps / rate_hz)),
        tracker="bytetrack.yaml",
        conf=0.1,
        stream=True,
        verbose=False,
    )
    return sum(0 if result.boxes.id is None else len(result.boxes.id) for result in results)
