"""The backbones, as lists of blocks from which a family builds the network in its framework."""

from dataclasses import dataclass
from functools import cached_property

from atelier.pretrained.perceptual import layers
from atelier.pretrained.perceptual.architectures import SQUEEZENET


@dataclass(frozen=True)
class Block:
    """An inverted residual block (Sandler et al. 2018, arXiv:1801.04381): expand, depthwise convolution, project.

    A block with stride 1 and as many outputs as inputs adds its input to its output.
    """

    name: str
    inputs: int
    outputs: int
    kernel: int
    stride: int
    expansion: int
    """Channels of the depthwise convolution, as a multiple of the inputs; 1: there is no expanding convolution."""

    @property
    def residual(self) -> bool:
        return self.stride == 1 and self.inputs == self.outputs

    @property
    def width(self) -> int:
        """Channels of the depthwise convolution."""
        return self.inputs * self.expansion


@dataclass(frozen=True)
class Architecture:
    """A stem with stride 2, stages of blocks, and a 1 × 1 convolution. ReLU6 follows all but the projections.

    The input is (RGB - 127) / 128. Convolutions are padded as TensorFlow's SAME: at stride 2 the bottom and the right
    border get the larger share.
    """

    name: str
    stem: int
    """Channels of the stem, a 3 × 3 convolution."""
    stages: tuple[tuple[Block, ...], ...]
    head: int
    """Number of features."""

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name → shape of each array of weights, (outputs, inputs, height, width) or (outputs,)."""
        shapes: dict[str, tuple[int, ...]] = {}

        def convolution(name: str, outputs: int, inputs: int, kernel: int) -> None:
            shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs, kernel, kernel), (outputs,)

        convolution("stem", self.stem, 3, 3)
        for block in (block for stage in self.stages for block in stage):
            if block.expansion > 1:
                convolution(f"{block.name}.expand", block.width, block.inputs, 1)
            convolution(f"{block.name}.depthwise", block.width, 1, block.kernel)
            convolution(f"{block.name}.project", block.outputs, block.width, 1)
        convolution("head", self.head, self.stages[-1][-1].outputs, 1)
        return shapes


def _stages(stem: int, *stages: tuple[int, int, int, int, int]) -> tuple[tuple[Block, ...], ...]:
    """Stages from (blocks, kernel, stride, expansion, outputs). The first block of a stage has the stride."""
    result, inputs, number = [], stem, 0
    for count, kernel, stride, expansion, outputs in stages:
        blocks = []
        for index in range(count):
            blocks.append(Block(f"blocks.{number}", inputs, outputs, kernel, 1 if index else stride, expansion))
            inputs, number = outputs, number + 1
        result.append(tuple(blocks))
    return tuple(result)


LITE0 = Architecture(
    name="efficientnet_lite0",
    stem=32,
    stages=_stages(
        32,
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ),
    head=1280,
)
"""EfficientNet-lite0: EfficientNet-B0 (Tan & Le 2019, arXiv:1905.11946, table 1) without squeeze-and-excitation, and
with ReLU6 instead of swish. Batch norm is folded into the convolutions."""

RANDOM = Architecture(
    name="random", stem=8, stages=_stages(8, (1, 3, 1, 1, 8), (1, 3, 2, 2, 12), (2, 3, 2, 2, 16)), head=32
)
"""Small and untrained, for tests."""


@dataclass(frozen=True)
class KerasApplication:
    """A network of Keras Applications without its classifier, and the published file of its weights.

    Those without random layers were chosen, because a resumed training must end as the unbroken one.
    """

    name: str
    function: str
    """Name of the function in `keras.applications`."""
    scale: tuple[float, float]
    """Factor and offset of the RGB values from 0 to 255 before the network."""
    address: str
    """Of the folder that holds the file."""
    file: str
    md5: str | None
    """As stated by Keras; None where it is not stated."""


_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
KERAS_APPLICATIONS = {
    each.name: each
    for each in (
        KerasApplication(
            name="mobilenet_v2",
            function="MobileNetV2",
            scale=(1 / 127.5, -1),
            address=f"{_KERAS}/mobilenet_v2",
            file="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            md5=None,
        ),
        KerasApplication(
            name="mobilenet_v3_large",
            function="MobileNetV3Large",
            scale=(1, 0),  # the network scales its input itself
            address=f"{_KERAS}/mobilenet_v3",
            file="weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            md5="07fb09a5933dd0c8eaafa16978110389",
        ),
        KerasApplication(
            name="resnet50_v2",
            function="ResNet50V2",
            scale=(1 / 127.5, -1),
            address=f"{_KERAS}/resnet",
            file="resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
            md5="fac2f116257151a9d068a22e544a4917",
        ),
    )
}

BackboneArchitecture = Architecture | layers.Architecture | KerasApplication
ARCHITECTURES: dict[str, BackboneArchitecture] = {
    **{architecture.name: architecture for architecture in (LITE0, SQUEEZENET, RANDOM)},
    **KERAS_APPLICATIONS,
}
