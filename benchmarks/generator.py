"""How fast the generator learns and draws, against the plain ways of doing both.

    python benchmarks/generator.py             # random drawings: speed does not depend on what they show

Training: real drawings a second through one step of both players. The plain way is the same step, not compiled.
Drawing: milliseconds a call of the exported file in ONNX Runtime, and of the same network in Keras.
"""

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from atelier.model_card import MODEL, ModelSpec, Tensor
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_gan.export import drawing_model
from pipelines.families.quickdraw_gan.model import build_discriminator, build_generator
from pipelines.families.quickdraw_gan.settings import ModelSettings, TrainingSettings
from pipelines.families.quickdraw_gan.step import Adversaries
from pipelines.training.on_tensorflow.exporting import write_onnx
from report import report

CLASSES = 27
SECONDS = 8.0
"""How long each way is measured, after some calls to warm up."""
PACKAGES = ["tensorflow", "keras", "onnxruntime"]


def main() -> None:
    report("generator_training", f"Training on {os.cpu_count()} cores", training(), PACKAGES)
    report("generator_latency", f"Drawing on {os.cpu_count()} cores", drawing(), PACKAGES)


def networks() -> tuple[keras.Model, keras.Model, keras.Model]:
    model = ModelSettings()
    size = (CLASSES, model.noise, model.label_embedding, model.generator_width, 0)
    return build_generator(*size), build_generator(*size), build_discriminator(CLASSES, model.discriminator_width, 1)


def training() -> list[dict[str, Any]]:
    chance, recipe = np.random.default_rng(0), TrainingSettings()
    image = tf.constant(chance.integers(0, 256, (recipe.batch_size, 28, 28), np.uint8))
    label = tf.constant(chance.integers(0, CLASSES, recipe.batch_size))
    rates = []
    for name, eager in (("plain: operation by operation", True), ("one compiled step", False)):
        players = Adversaries(*networks(), noise=ModelSettings().noise, settings=recipe)
        tf.config.run_functions_eagerly(eager)
        seconds = _seconds(partial(players.train, image, label))
        rates.append((name, recipe.batch_size / seconds))
    return [{"way": name, "drawings/s": round(rate), "times": round(rate / rates[0][1], 2)} for name, rate in rates]


def drawing() -> list[dict[str, Any]]:
    generator, noise_size = networks()[0], ModelSettings().noise
    model = drawing_model(generator, truncation=1.0)
    compiled = tf.function(model, autograph=False)
    with tempfile.TemporaryDirectory() as folder:
        write_onnx(model, _spec(noise_size).parts[MODEL], Path(folder, "model.onnx"))
        session = OnnxModel(Path(folder, "model.onnx"), threads=0)
    rows = []
    for batch in (1, 16):
        noise, label = np.zeros((batch, noise_size), np.float32), np.arange(batch) % CLASSES
        ways: dict[str, Callable[[], Any]] = {
            "plain: Keras": partial(model, [noise, label], training=False),
            "Keras, compiled": partial(compiled, [noise, label], training=False),
            "Atelier: ONNX Runtime": partial(session, noise=noise, label=label),
        }
        seconds = {name: _seconds(way) for name, way in ways.items()}
        plain = seconds["plain: Keras"]
        rows += [
            {"batch": batch, "way": name, "ms": round(1000 * took, 3), "times": round(plain / took, 2)}
            for name, took in seconds.items()
        ]
    return rows


def _spec(noise: int) -> ModelSpec:
    """As much of the interface as the exporter asks for."""
    return ModelSpec.single(
        inputs=(
            Tensor(name="noise", dtype="float32", shape=("batch", noise)),
            Tensor(name="label", dtype="int64", shape=("batch",)),
        ),
        outputs=(Tensor(name="image", dtype="float32", shape=("batch", 28, 28, 1)),),
        intended_use="",
        limits="",
    )


def _seconds(act: Callable[[], Any]) -> float:
    """Mean time of a call."""
    for _ in range(9):  # both kinds of step: with the gradient penalty, which comes every eighth time, and without
        act()
    calls, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        act()
        calls += 1
    return (time.perf_counter() - began) / calls


if __name__ == "__main__":
    main()
