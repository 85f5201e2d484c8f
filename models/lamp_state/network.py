"""The lamp state network: 59 thousand parameters that read one window. Needs the extra `torch`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from models.lamp_state.window import STATES

# (channels, stride); pixels of a head are few, so the first layer keeps all of them.
LAYERS: Final = ((12, 1), (20, 2), (28, 1), (40, 2), (48, 1), (40, 2))
DROPOUT: Final = 0.2
PLACES: Final = 5 * 5  # what the strides leave of the input; a lamp's place in the head tells its colour too


class LampNetwork(nn.Module):  # type: ignore[misc]
    """(N, 3, SIDE, SIDE) RGB in 0..1 -> (N, states) logits."""

    def __init__(self) -> None:
        super().__init__()
        steps: list[nn.Module] = []
        before = 3
        for channels, stride in LAYERS:
            steps += [
                nn.Conv2d(before, channels, 3, stride, 1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
            before = channels
        self.layers = nn.Sequential(*steps, nn.Flatten(), nn.Dropout(DROPOUT), nn.Linear(before * PLACES, len(STATES)))

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.layers(windows)


def save_lamp_network(network: LampNetwork, path: Path) -> None:
    """Write the weights in float16."""
    tensors = {
        name: value.half() if value.is_floating_point() else value for name, value in network.state_dict().items()
    }
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()}, path)


def load_lamp_network(path: Path) -> LampNetwork:
    """The network in float32, ready to read."""
    network = LampNetwork()
    network.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    network.eval()
    return network
