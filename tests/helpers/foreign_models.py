"""Classifiers of the shapes of `shapes` as other people export them: one from plain Keras, one from plain PyTorch."""

import warnings
from pathlib import Path

import numpy as np

from atelier.data.prepared.dataset import PreparedData


def export_keras(path: Path, data: PreparedData, epochs: int = 15) -> Path:
    """A Keras model: NHWC, values 0 to 1, logits, fixed batch of 1."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    train = data.split("train")
    images = train["image"][:].astype(np.float32)[..., None] / 255
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1), name="pixels"),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(len(data.manifest.labels)),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, train["label"][:], epochs=epochs, batch_size=16, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        signature = [keras.InputSpec(shape=(1, 28, 28, 1), dtype="float32", name="pixels")]
        model.export(path, format="onnx", input_signature=[signature], verbose=False)
    return path


def export_torch(path: Path, data: PreparedData, epochs: int = 15) -> Path:
    """A PyTorch model: NCHW, values 0 to 1, probabilities, any batch."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    train = data.split("train")
    images = torch.from_numpy(train["image"][:].astype(np.float32)[:, None] / 255)
    labels = torch.from_numpy(train["label"][:].astype(np.int64))
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 12 * 12, len(data.manifest.labels))
    )
    optimizer = torch.optim.Adam(network.parameters(), 0.003)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(16):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            nn.Sequential(network, nn.Softmax(1)).eval(),
            (torch.zeros(2, 1, 28, 28),),
            path,
            input_names=["x"],
            output_names=["scores"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    return path
