"""SqueezeNet, or any other network that is a list of layers, as a backbone in Keras."""

from typing import Any

from keras import layers

from atelier.pretrained.perceptual.layers import IMAGE, Architecture, Conv, Pool


def apply(image: Any, architecture: Architecture, first_trainable: int) -> Any:
    """Output of the last layer, see `pipelines.training.on_tensorflow.backbone.apply_backbone`."""
    values = {IMAGE: layers.Rescaling(1.0, [-mean for mean in architecture.mean])(image)}
    stages = {IMAGE: 0}
    for layer in architecture.layers:
        inputs = [values[source] for source in layer.sources]
        halved = isinstance(layer, Pool) or (isinstance(layer, Conv) and layer.stride > 1)
        stages[layer.name] = max(stages[source] for source in layer.sources) + halved
        trainable = stages[layer.name] >= first_trainable
        if isinstance(layer, Conv):
            values[layer.name] = _convolution(layer, inputs[0], trainable)
        else:
            values[layer.name] = _pool(layer, inputs[0]) if isinstance(layer, Pool) else layers.Concatenate()(inputs)
    return values[architecture.layers[-1].name]


def _convolution(layer: Conv, x: Any, trainable: bool) -> Any:
    name, padding = layer.name.replace(".", "_"), "same" if layer.padded else "valid"
    x = layers.Conv2D(layer.outputs, layer.size, layer.stride, padding, name=name, trainable=trainable)(x)
    return layers.ReLU()(x)


def _pool(pool: Pool, x: Any) -> Any:
    """Keras has no ceil mode: zeros complete the last windows. No value is negative, so they change no maximum."""
    if pool.ceil_mode:
        missing = [(pool.stride - (side - pool.size) % pool.stride) % pool.stride for side in x.shape[1:3]]
        x = layers.ZeroPadding2D([(0, each) for each in missing])(x)
    return layers.MaxPooling2D(pool.size, pool.stride)(x)
