"""Perceptual networks with random weights, and images for them."""

from pathlib import Path

import numpy as np

from atelier.data.download.raw_folder import make
from atelier.data.download.source import DataRequest
from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.weights import random_weights
from pipelines.fetch.perceptual import fetch
from tests.helpers.data_settings import perceptual_fetch

SIZES = [(32, 32), (33, 47), (34, 35), (47, 33), (64, 40)]
"""Height and width, odd and even: the remainder at each pooling layer differs."""


def write_perceptual(folder: Path, network: str, seed: int = 0) -> Perceptual:
    """A network of any architecture with random weights and biases."""
    architecture = ARCHITECTURES[network]
    weights = random_weights(architecture.shapes, seed)
    rng = np.random.default_rng(seed)
    for name in weights:
        if name.endswith("bias"):
            weights[name] = rng.normal(0, 5, weights[name].shape).astype(np.float32)
    request = DataRequest(
        dataset="perceptual", kind="sample", address="here", licence="CC0", parameters={"network": network}
    )
    make(folder, request, lambda building: np.savez(building / "weights.npz", **weights))
    return Perceptual(folder)


def squeezenet(tmp_path: Path, mirror: Path) -> Perceptual:
    """The trained SqueezeNet of the mirror."""
    settings = perceptual_fetch(network="squeezenet", source="mirror", mirror=str(mirror))
    return fetch(tmp_path / "squeezenet", settings)


def images(height: int, width: int, count: int = 2, seed: int = 0) -> np.ndarray:
    """Smooth shapes with noise: float32 (count, height, width, 3), 0 to 255."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[:height, :width] / 16.0
    waves = [
        np.sin(down * rng.uniform(-1, 1) + across * rng.uniform(-1, 1) + rng.uniform(0, 6)) for _ in range(3 * count)
    ]
    soft = np.array(waves).reshape(count, 3, height, width).transpose(0, 2, 3, 1)
    return np.clip(127 + 90 * soft + rng.normal(0, 20, soft.shape), 0, 255).astype(np.float32)


def assert_features_close(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    """Assert that both have the same layers, that their features are equal except for rounding, and not constant."""
    assert one.keys() == other.keys()
    for layer, features in one.items():
        assert features.shape == other[layer].shape, layer
        assert features.std() > 0, layer
        assert np.abs(features - other[layer]).max() <= 2e-5 * np.abs(features).max(), layer
