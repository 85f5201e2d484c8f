"""The COCO base network, exported the way a release is: what the street network is compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.detections import Detections
from models.export.release import export_network
from models.manifest import Release
from models.taxonomy import CLASS_ID, STREET_CLASSES
from models.training.teacher import COCO_CLASSES, COCO_ROAD_USERS


def export_base(checkpoint: Path, folder: Path, calibrate: tuple[Path, ...] = ()) -> Release:
    """The base checkpoint (80 COCO classes) as OpenVINO graphs in `folder`; int8 too if calibrated."""
    exported = export_network(checkpoint, folder, calibrate, COCO_CLASSES)
    return Release("coco-base", folder, exported.sha256, np.zeros(len(STREET_CLASSES), np.float32))


def road_users(found: Detections) -> Detections:
    """The base network's detections (COCO class ids) of the six road classes, under our class ids."""
    kept = found.of(frozenset(COCO_ROAD_USERS))
    ours = np.array([CLASS_ID[COCO_ROAD_USERS[int(each)]] for each in kept.class_id], np.int16)
    return Detections(kept.boxes, kept.confidence, ours)
