"""The detection loss for sets in which not every class is labelled. Needs the extra `torch`."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn
from ultralytics.utils.loss import v8DetectionLoss

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


class StreetLoss:
    """ultralytics' detection loss of the one-to-many head with `KnownClassBce`."""

    def __init__(self, network: Any) -> None:
        self._loss = v8DetectionLoss(network, tal_topk=ANCHORS_PER_THING)
        self._loss.bce = self._bce = KnownClassBce()

    def __call__(self, predictions: dict[str, Any], batch: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss to minimise, summed over the batch, and (3,) its parts `PARTS`."""
        self._bce.known = batch["known"]
        total, parts = self._loss(predictions, batch)
        return total.sum(), torch.stack([parts[name] for name in PARTS]).detach()


def as_float32(predictions: Any) -> Any:
    """Predictions made under bf16 autocast, ready for the loss, which needs float32."""
    if isinstance(predictions, torch.Tensor):
        return predictions.float()
    if isinstance(predictions, dict):
        return {key: as_float32(value) for key, value in predictions.items()}
    return [as_float32(value) for value in predictions]
