"""A perceptual network in a folder."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from atelier.pretrained.asset import Pretrained
from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from atelier.pretrained.perceptual.layers import Architecture
from atelier.pretrained.perceptual.weights import read_weights
from atelier.pretrained.weights import Weights


@dataclass(frozen=True)
class Perceptual(Pretrained):
    """The network whose features style losses and style metrics compare.

    A family builds the network in its framework (`pipelines/training/on_<framework>/perceptual.py`); evaluation uses an
    `extractor.Extractor`.
    """

    role: ClassVar[str] = "perceptual"

    @cached_property
    def architecture(self) -> Architecture:
        """The architecture of the network, see `find`."""
        return self.find(ARCHITECTURES)

    @cached_property
    def weights(self) -> Weights:
        """The weights, read and checked by `read_weights`."""
        return read_weights(self.file, self.architecture)
