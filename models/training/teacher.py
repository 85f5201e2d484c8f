"""The COCO base network as a teacher of road users that a source did not label. Needs the extra `torch`.

It looks at the same pictures as the pupil, augmented as they are (Beyer et al. 2022, "Knowledge distillation: a good
teacher is patient and consistent", CVPR), and what it is half sure of is taught half: labels made of its boxes once and
for all made a pupil that was surer than its teacher, and knew less (`python -m bench.forgetting`: 0.668 of its boxes).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torchvision.ops import batched_nms, box_convert, box_iou

from models.half_precision import bf16_is_fast
from models.network import Rows, load_network
from models.taxonomy import CLASS_ID, STREET_CLASSES

# https://github.com/ultralytics/ultralytics/blob/main/ultralytics/cfg/datasets/coco.yaml
COCO_ROAD_USERS: Final = {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
COCO_CLASSES: Final = tuple(str(index) for index in range(80))
SAME_THING: Final = 0.45  # a taught box that overlaps a label this much is the labelled thing
TOLD_TWICE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Lesson:
    """Boxes to learn, those of the first picture first.

    Attributes:
        picture: (N,) int64, index into the batch.
        boxes: (N, 4) centre x, centre y, width, height, fractions of the picture.
        likelihood: (N, classes) 0..1: that the thing is one of the class. A labelled thing has a 1 and zeros.
    """

    picture: torch.Tensor
    boxes: torch.Tensor
    likelihood: torch.Tensor

    @property
    def class_id(self) -> torch.Tensor:
        """(N,) the likeliest class."""
        return self.likelihood.argmax(dim=1)


def labelled(batch: dict[str, torch.Tensor]) -> Lesson:
    """What people labelled in the pictures of a batch."""
    class_id = batch["cls"].view(-1).long()
    return Lesson(
        batch["batch_idx"].long(), batch["bboxes"], torch.eye(len(STREET_CLASSES)).to(class_id.device)[class_id]
    )


class Teacher:
    """Adds to the labels of a batch what the base network sees of the classes that each picture's source left out."""

    def __init__(self, checkpoint: Path, least: float, device: torch.device) -> None:
        """`least`: what it is less sure of is not taught."""
        self._network = Rows(load_network(checkpoint, COCO_CLASSES).to(device, memory_format=torch.channels_last))
        self._least, self._device, self._bf16 = least, device, bf16_is_fast(device)

    def __call__(self, pictures: torch.Tensor, labels: Lesson, taught: torch.Tensor) -> Lesson:
        """The labels and the teacher's boxes of things that no label is about.

        Args:
            pictures: (batch, 3, H, W) float RGB in 0..1.
            taught: (batch, classes) 1 where the teacher has a say.
        """
        wanted = torch.nonzero(taught.any(dim=1)).ravel()
        if not len(wanted):
            return labels
        size = torch.tensor([pictures.shape[3], pictures.shape[2]] * 2, device=self._device)
        with (
            torch.inference_mode(),
            torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16),
        ):
            rows = self._network(pictures[wanted]).float()
        seen = _seen(rows, wanted, taught, self._least)
        seen = Lesson(seen.picture, box_convert(seen.boxes, "xyxy", "cxcywh") / size, seen.likelihood)
        return _in_order(labels, _kept(seen, _unlabelled(seen, labels)))


def _seen(rows: torch.Tensor, wanted: torch.Tensor, taught: torch.Tensor, least: float) -> Lesson:
    """The network's rows that may be something, one for each thing; boxes are x1 y1 x2 y2 in pixels."""
    likelihood = torch.zeros(*rows.shape[:2], len(STREET_CLASSES), device=rows.device)
    for theirs, name in COCO_ROAD_USERS.items():
        likelihood[..., CLASS_ID[name]] = rows[..., 4 + theirs]
    likelihood *= taught[wanted][:, None, :]
    confidence = likelihood.amax(dim=2)
    row, anchor = torch.nonzero(confidence >= least, as_tuple=True)
    boxes, sure = rows[row, anchor, :4], confidence[row, anchor]
    kept = batched_nms(boxes, sure, row, TOLD_TWICE)
    return Lesson(wanted[row[kept]], boxes[kept], likelihood[row[kept], anchor[kept]])


def _unlabelled(seen: Lesson, labels: Lesson) -> torch.Tensor:
    """(N,) True for boxes of things that no label is about."""
    if not len(labels.picture):
        return torch.ones_like(seen.picture, dtype=torch.bool)
    likeness = box_iou(box_convert(seen.boxes, "cxcywh", "xyxy"), box_convert(labels.boxes, "cxcywh", "xyxy"))
    same_picture = seen.picture[:, None] == labels.picture[None, :]
    return (likeness * same_picture).amax(dim=1) < SAME_THING


def _kept(lesson: Lesson, rows: Any) -> Lesson:
    return Lesson(lesson.picture[rows], lesson.boxes[rows], lesson.likelihood[rows])


def _in_order(first: Lesson, second: Lesson) -> Lesson:
    both = Lesson(
        torch.cat([first.picture, second.picture]),
        torch.cat([first.boxes, second.boxes]),
        torch.cat([first.likelihood, second.likelihood]),
    )
    return _kept(both, torch.argsort(both.picture, stable=True))
