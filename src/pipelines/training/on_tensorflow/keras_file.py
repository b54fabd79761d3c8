"""A `.keras` file of somebody else as an ONNX file: `python -m pipelines.training.on_tensorflow.keras_file in out`.

It is a program of its own, so that `adopt` loads no training framework.
"""

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from atelier.onnx.model import OnnxModel
from pipelines.training.on_tensorflow.exporting import OPSET

TOLERANCE = 1e-3
"""Largest difference between the outputs of both files, relative to the largest output."""


def convert(source: Path, target: Path) -> None:
    """Write the model of a `.keras` file as ONNX, and compare both on random images.

    Raises
    ------
    ValueError
        When the file cannot be loaded without running code that it brings along (`Lambda` layers, classes of its own),
        has more than one input, or its outputs change.
    """
    model = without_augmentation(keras.saving.load_model(source, compile=False, safe_mode=True))
    if len(model.inputs) != 1:
        raise ValueError(f"it has {len(model.inputs)} inputs; a model that is adopted has one, for images")
    image = model.inputs[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        signature = [keras.InputSpec(shape=image.shape, dtype=image.dtype, name="image")]
        model.export(target, format="onnx", input_signature=signature, opset_version=OPSET, verbose=False)
    shape = [2, *(size or 256 for size in image.shape[1:])]
    images = np.random.default_rng(0).uniform(0, 1, shape).astype(image.dtype)
    expected = np.asarray(next(iter(keras.tree.flatten(model(images, training=False)))))
    found = next(iter(OnnxModel(target)(image=images).values()))
    difference, largest = np.abs(found - expected).max(), max(1.0, float(np.abs(expected).max()))
    if not difference <= TOLERANCE * largest:
        raise ValueError(f"its outputs change by {difference:.2g}")


def without_augmentation(model: keras.Model) -> keras.Model:
    """The model without its random layers (`RandomFlip` and others), which change nothing outside training.

    They would be exported with random numbers that ONNX Runtime does not have.
    """

    def replaced(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.Model):
            return without_augmentation(layer)
        return layers.Identity(name=layer.name) if type(layer).__name__.startswith("Random") else layer

    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):
        return model  # a class of its own: Keras can clone models of known layers only
    return keras.models.clone_model(model, clone_function=replaced)


if __name__ == "__main__":
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except Exception as error:  # of Keras, TensorFlow or ONNX Runtime, which have no common base
        sys.exit((str(error).strip() or type(error).__name__).splitlines()[0][:300])
