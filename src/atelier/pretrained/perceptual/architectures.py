"""The three perceptual networks."""

from atelier.pretrained.perceptual.layers import IMAGE, Architecture, Concat, Conv, Layer, Pool


def _fire(name: str, source: str, inputs: int, squeezed: int, expanded: int) -> tuple[Layer, ...]:
    """SqueezeNet's fire module: a squeeze layer, then 1 × 1 and 3 × 3 expand layers, concatenated."""
    squeeze, one, three = f"{name}.squeeze", f"{name}.expand1x1", f"{name}.expand3x3"
    return (
        Conv(squeeze, source, inputs, squeezed, 1),
        Conv(one, squeeze, squeezed, expanded, 1),
        Conv(three, squeeze, squeezed, expanded, 3, padded=True),
        Concat(name, (one, three)),
    )


def _ceil_pool(name: str, source: str) -> Pool:
    return Pool(name, source, 3, 2, ceil_mode=True)


SQUEEZENET = Architecture(
    name="squeezenet",
    mean=(123.0, 117.0, 104.0),
    layers=(
        Conv("features.0", IMAGE, 3, 96, 7, 2),
        _ceil_pool("features.2", "features.0"),
        *_fire("features.3", "features.2", 96, 16, 64),
        *_fire("features.4", "features.3", 128, 16, 64),
        *_fire("features.5", "features.4", 128, 32, 128),
        _ceil_pool("features.6", "features.5"),
        *_fire("features.7", "features.6", 256, 32, 128),
        *_fire("features.8", "features.7", 256, 48, 192),
        *_fire("features.9", "features.8", 384, 48, 192),
        *_fire("features.10", "features.9", 384, 64, 256),
        _ceil_pool("features.11", "features.10"),
        *_fire("features.12", "features.11", 512, 64, 256),
    ),
    style_layers=("features.0", "features.4", "features.7", "features.9"),
    content_layer="features.7",
)
"""SqueezeNet 1.0 (Iandola et al. 2016, arXiv:1602.07360, table 1) without its classifier, named as in torchvision."""


def _block(number: int, source: str, inputs: int, outputs: int, convolutions: int) -> tuple[Layer, ...]:
    """VGG's block: 3 × 3 convolutions, then max pooling to half the size."""
    layers: list[Layer] = []
    for index in range(1, convolutions + 1):
        layers.append(Conv(f"block{number}_conv{index}", source, inputs, outputs, 3, padded=True))
        source, inputs = layers[-1].name, outputs
    return (*layers, Pool(f"block{number}_pool", source, 2, 2))


VGG16 = Architecture(
    name="vgg16",
    mean=(123.68, 116.779, 103.939),
    layers=(
        *_block(1, IMAGE, 3, 64, 2),
        *_block(2, "block1_pool", 64, 128, 2),
        *_block(3, "block2_pool", 128, 256, 3),
        *_block(4, "block3_pool", 256, 512, 3),
    ),
    style_layers=("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3"),
    content_layer="block3_conv3",
)
"""VGG16 (Simonyan & Zisserman 2014, arXiv:1409.1556, table 1 D), named as in Keras Applications, up to the last
layer that style transfer uses. The style layers are those of Johnson et al. 2016, arXiv:1603.08155, section 4.1; the
content layer is that of their published code."""

RANDOM = Architecture(
    name="random",
    mean=(123.0, 117.0, 104.0),
    layers=(
        Conv("conv1", IMAGE, 3, 32, 5, 1, padded=True),
        Pool("pool1", "conv1", 2, 2),
        Conv("conv2", "pool1", 32, 64, 3, padded=True),
        Pool("pool2", "conv2", 2, 2),
        Conv("conv3", "pool2", 64, 96, 3, padded=True),
        Pool("pool3", "conv3", 2, 2),
        Conv("conv4", "pool3", 96, 96, 3, padded=True),
    ),
    style_layers=("conv1", "conv2", "conv3", "conv4"),
    content_layer="conv3",
)
"""Untrained. Random filters capture texture statistics in one layer (Ustyuzhaninov et al. 2016, arXiv:1606.00021) and
in several (He, Wang & Hopcroft 2016, arXiv:1606.04801)."""

ARCHITECTURES = {architecture.name: architecture for architecture in (SQUEEZENET, VGG16, RANDOM)}
