"""The detection loss for sets in which not every class is labelled. Needs the extra `torch`."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from ultralytics.utils.loss import v8DetectionLoss
from ultralytics.utils.tal import TaskAlignedAssigner

from models.errors import BadUse
from models.training.teacher import Lesson

PARTS: Final = ("box_loss", "cls_loss", "l1_loss")
ANCHORS_PER_THING: Final = 10  # as ultralytics teaches the one-to-many head of YOLO26


class KnownClassBce(nn.Module):  # type: ignore[misc]
    """Binary cross-entropy that is silent where an unlabelled class may be in the picture after all."""

    def __init__(self) -> None:
        super().__init__()
        self.known: torch.Tensor | None = None  # (batch, classes), set before each batch

    def forward(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """(batch, anchors, classes) losses, 0 where a class is unknown and not a target."""
        loss = nn.functional.binary_cross_entropy_with_logits(scores, targets, reduction="none")
        if self.known is None:
            return loss
        return loss * torch.maximum(self.known[:, None, :].to(loss.dtype), (targets > 0).to(loss.dtype))


class LikelihoodAssigner(TaskAlignedAssigner):  # type: ignore[misc]
    """Hands an anchor of a thing the thing's likelihood of every class in place of a 1 for one class."""

    likelihood: torch.Tensor  # (batch, most things of a picture, classes), set before each batch

    def get_targets(
        self, gt_labels: torch.Tensor, gt_bboxes: torch.Tensor, target_gt_idx: torch.Tensor, fg_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As ultralytics' but for the scores, (batch, anchors, classes).

        Raises `BadUse` when memory ran out: ultralytics then goes on picture by picture, and does not say which.
        """
        if len(target_gt_idx) != len(self.likelihood):
            raise BadUse(
                f"the GPU's memory does not hold the targets of {len(self.likelihood)} pictures at once",
                advice="give the recipe a smaller batch",
            )
        labels, boxes, _ = super().get_targets(gt_labels, gt_bboxes, target_gt_idx, fg_mask)
        rows = target_gt_idx[..., None].expand(-1, -1, self.num_classes)
        return labels, boxes, self.likelihood.gather(1, rows) * (fg_mask[..., None] > 0)


class StreetLoss:
    """ultralytics' detection loss of the one-to-many head with `KnownClassBce` and `LikelihoodAssigner`."""

    def __init__(self, network: Any) -> None:
        self._loss = v8DetectionLoss(network, tal_topk=ANCHORS_PER_THING)
        self._loss.bce = self._bce = KnownClassBce()
        theirs = self._loss.assigner
        self._loss.assigner = self._assigner = LikelihoodAssigner(
            topk=theirs.topk, num_classes=theirs.num_classes, alpha=theirs.alpha, beta=theirs.beta, stride=theirs.stride
        )

    def __call__(
        self, predictions: dict[str, Any], lesson: Lesson, known: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss to minimise, summed over the batch, and (3,) its parts `PARTS`.

        Args:
            known: (batch, classes) 1 where the absence of a box says that there is none.
        """
        self._bce.known = known
        things = torch.bincount(lesson.picture, minlength=len(known)).tolist()
        self._assigner.likelihood = pad_sequence(list(lesson.likelihood.split(things)), batch_first=True)
        batch = {"batch_idx": lesson.picture, "cls": lesson.class_id, "bboxes": lesson.boxes}
        total, parts = self._loss(predictions, batch)
        return total.sum(), torch.stack([parts[name] for name in PARTS]).detach()


def as_float32(predictions: Any) -> Any:
    """Predictions made under bf16 autocast, ready for the loss, which needs float32."""
    if isinstance(predictions, torch.Tensor):
        return predictions.float()
    if isinstance(predictions, dict):
        return {key: as_float32(value) for key, value in predictions.items()}
    return [as_float32(value) for value in predictions]
