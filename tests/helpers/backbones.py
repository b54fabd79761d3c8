"""Backbones with random weights."""

from pathlib import Path

from atelier.data.download.raw_folder import make
from atelier.data.download.source import DataRequest
from atelier.pretrained.backbones.architectures import RANDOM
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.weights import random_weights, write_npz


def write_backbone(folder: Path, seed: int = 0) -> Backbone:
    """The small backbone with random weights."""
    request = DataRequest(
        dataset="backbone", kind="sample", address="here", licence="CC0", parameters={"network": RANDOM.name}
    )
    make(folder, request, lambda building: write_npz(building / "weights.npz", random_weights(RANDOM.shapes, seed)))
    return Backbone(folder)
