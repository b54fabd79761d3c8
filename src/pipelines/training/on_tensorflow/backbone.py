"""A pretrained backbone in Keras, whose first stages can be frozen."""

from typing import Any

import keras
from keras import layers

from atelier.pretrained.backbones.architectures import Architecture, Block, KerasApplication
from atelier.pretrained.backbones.asset import Backbone
from pipelines.training.on_tensorflow import keras_application, squeezenet


def apply_backbone(image: Any, backbone: Backbone, first_trainable: int) -> Any:
    """Features of images, before pooling: (n, height / 32, width / 32, features), of SqueezeNet (n, h / 16, …).

    The layers get the weights of the backbone. Call `load_backbone` on the finished model to set them.

    Parameters
    ----------
    image
        A Keras tensor (n, height, width, 3), RGB from 0 to 255.
    first_trainable
        The number of the first stage that is trained; the stem and all stages before it are frozen. 0: nothing is
        frozen, not even the stem. The number of stages: only the last convolution is trained; one more: nothing is.
        The stages of SqueezeNet and of Keras Applications are counted by resolution: a layer is in stage k when the
        resolution has been halved k times before its output.
    """
    architecture = backbone.architecture
    if isinstance(architecture, KerasApplication):
        return keras_application.apply(image, architecture, first_trainable)
    if isinstance(architecture, Architecture):
        return _apply_blocks(image, architecture, first_trainable)
    return squeezenet.apply(image, architecture, first_trainable)


def _apply_blocks(image: Any, architecture: Architecture, first_trainable: int) -> Any:
    x = layers.Rescaling(1 / 128, -127 / 128)(image)
    x = _convolution("stem", x, architecture.stem, 3, 2, first_trainable == 0)
    for number, stage in enumerate(architecture.stages):
        for block in stage:
            x = _block(block, x, number >= first_trainable)
    return _convolution("head", x, architecture.head, 1, 1, len(architecture.stages) >= first_trainable)


def load_backbone(model: keras.Model, backbone: Backbone) -> None:
    """Set the weights of the layers that `apply_backbone` has added to a model."""
    if isinstance(backbone.architecture, KerasApplication):
        keras_application.load(model, backbone.architecture, backbone.file)
        return
    for name in backbone.architecture.shapes:
        if name.endswith(".weight"):
            layer = name.removesuffix(".weight")
            kernel = backbone.weights[name].transpose(2, 3, 1, 0)  # (height, width, inputs, outputs)
            if layer.endswith(".depthwise"):
                kernel = kernel.transpose(0, 1, 3, 2)
            model.get_layer(_keras_name(layer)).set_weights([kernel, backbone.weights[f"{layer}.bias"]])


def _block(block: Block, x: Any, trainable: bool) -> Any:
    shortcut = x
    if block.expansion > 1:
        x = _convolution(f"{block.name}.expand", x, block.width, 1, 1, trainable)
    name = _keras_name(f"{block.name}.depthwise")
    x = layers.DepthwiseConv2D(block.kernel, block.stride, "same", name=name, trainable=trainable)(x)
    x = layers.ReLU(6.0)(x)
    name = _keras_name(f"{block.name}.project")
    x = layers.Conv2D(block.outputs, 1, name=name, trainable=trainable)(x)
    return layers.Add()([shortcut, x]) if block.residual else x


def _convolution(name: str, x: Any, outputs: int, kernel: int, stride: int, trainable: bool) -> Any:
    x = layers.Conv2D(outputs, kernel, stride, "same", name=_keras_name(name), trainable=trainable)(x)
    return layers.ReLU(6.0)(x)


def _keras_name(name: str) -> str:
    return name.replace(".", "_")
