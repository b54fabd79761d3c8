"""A network of Keras Applications as a backbone."""

import math
from pathlib import Path
from typing import Any

import keras
from keras import layers

from atelier.errors import BadInputError
from atelier.pretrained.backbones.architectures import KerasApplication

LAST_STAGE = 5
"""The resolution is halved so often in all of them."""


def apply(image: Any, architecture: KerasApplication, first_trainable: int) -> Any:
    """Output of the last layer, see `pipelines.training.on_tensorflow.backbone.apply_backbone`.

    Batch norms keep their statistics and are not trained, as Keras advises for fine-tuning on few photos.
    """
    factor, offset = architecture.scale
    build = getattr(keras.applications, architecture.function)
    network = build(include_top=False, weights=None, input_shape=image.shape[1:])
    network.name = architecture.name
    for layer in network.layers:
        norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = not norm and _stage(layer, image.shape[1]) >= first_trainable
    return network(layers.Rescaling(factor, offset)(image))


def load(model: keras.Model, architecture: KerasApplication, file: Path) -> None:
    """Set the weights of the network in a model from the published file.

    Raises
    ------
    BadInputError
        When the file does not hold the weights of this network.
    """
    try:
        model.get_layer(architecture.name).load_weights(file)
    except Exception as error:  # of h5py or Keras, which have no common base
        reason = str(error).splitlines()[0][:200]
        raise BadInputError(
            f"{file} does not hold the weights of {architecture.name}. Fetch it again. ({reason})"
        ) from error


def _stage(layer: keras.Layer, side: int) -> int:
    """How often the resolution has been halved before the output of a layer; global outputs are in the last stage."""
    shape = layer.output.shape
    return round(math.log2(side / shape[1])) if len(shape) == 4 and shape[1] > 1 else LAST_STAGE
