"""Perceptual loss and identity loss, in features of one frozen network."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.training.on_torch.perceptual import FeatureExtractor

EPSILON = 1e-6


class Perceived(NamedTuple):
    """What the losses compare."""

    layers: tuple[Tensor, ...]
    """Features (n, channels, h, w) of the style layers, of length 1 over the channels."""
    identity: Tensor
    """(n, features): differences of the deepest features from those of the mean face, of length 1."""


class Perception(nn.Module):
    """The perceptual network, whose deepest features stand for identity.

    pSp compares features of a network for face recognition. None was found whose weights may be used here. The deepest
    features of a network that was trained on ImageNet describe the whole of a face; as differences from the mean face
    they describe what is particular to it.

    Parameters
    ----------
    faces
        Faces (n, 3, size, size), -1 to 1, whose mean is computed.
    """

    def __init__(self, perceptual: Perceptual, faces: Tensor) -> None:
        super().__init__()
        architecture = perceptual.architecture
        self._layers = architecture.style_layers
        self._deepest = architecture.layers[-1].name
        self._extractor = FeatureExtractor(perceptual, dict.fromkeys((*self._layers, self._deepest)))
        with torch.no_grad():
            mean = torch.cat(
                [self._features(part)[self._deepest].mean(0, keepdim=True) for part in torch.split(faces, 64)]
            )
        self.register_buffer("mean", mean.mean(0, keepdim=True), persistent=False)

    def forward(self, images: Tensor) -> Perceived:
        """Features of images (n, 3, size, size), -1 to 1."""
        features = self._features(images)
        identity = (features[self._deepest].float() - self.get_buffer("mean")).flatten(1)
        return Perceived(tuple(_unit(features[name].float()) for name in self._layers), _unit(identity))

    def _features(self, images: Tensor) -> dict[str, Tensor]:
        features: dict[str, Tensor] = self._extractor((images + 1) * 127.5)
        return features


def _unit(features: Tensor) -> Tensor:
    return features * (features.square().sum(1, keepdim=True) + EPSILON).rsqrt()


def perceptual_distance(one: Perceived, other: Perceived) -> Tensor:
    """Mean squared distance of unit features over layers and positions, as LPIPS without its learned weights.

    (Zhang et al. 2018, arXiv:1801.03924, equation 1.)
    """
    return torch.stack([(a - b).square().sum(1).mean() for a, b in zip(one.layers, other.layers, strict=True)]).mean()


def identity_distance(one: Perceived, other: Perceived) -> Tensor:
    """1 - cosine similarity, mean over the batch."""
    return 1 - (one.identity * other.identity).sum(1).mean()
