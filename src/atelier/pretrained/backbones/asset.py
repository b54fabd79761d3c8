"""A backbone in a folder."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from atelier.pretrained.asset import Pretrained
from atelier.pretrained.backbones.architectures import ARCHITECTURES, BackboneArchitecture, KerasApplication
from atelier.pretrained.weights import Weights, read_npz


@dataclass(frozen=True)
class Backbone(Pretrained):
    """The network whose features a classifier starts from, with weights learned on ImageNet.

    A family builds the network in its framework, see `pipelines/training/on_tensorflow/backbone.py`.
    """

    role: ClassVar[str] = "backbone"

    @cached_property
    def architecture(self) -> BackboneArchitecture:
        """The architecture of the network, see `find`."""
        return self.find(ARCHITECTURES)

    @cached_property
    def weights(self) -> Weights:
        """The weights, checked against the architecture. None of Keras Applications, which reads `file` itself."""
        if isinstance(self.architecture, KerasApplication):
            return {}
        return read_npz(self.file, self.architecture.shapes, self.architecture.name)
