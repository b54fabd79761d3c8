"""Speed of training and inference of the generator, compared with plain implementations.

    python -m benchmarks.speed.generator             # random drawings, because the speed does not depend on the content

Training: real drawings per second through one step of generator and discriminator. The plain implementation is the same
step without compilation.
Inference: milliseconds per call of the exported file in ONNX Runtime, and of the same network in Keras.
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
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.quickdraw_gan.export import served_generator
from pipelines.families.quickdraw_gan.model import build_discriminator, build_generator
from pipelines.families.quickdraw_gan.settings import GanSettings
from pipelines.families.quickdraw_gan.step import GanTrainer
from pipelines.training.on_tensorflow.exporting import write_onnx

SETTINGS = GanSettings.model_validate(parameters("quickdraw_gan", "base"))
CLASSES = 27
SECONDS = 8.0
"""Time for which each variant is measured, after some warm-up calls."""
PACKAGES = ["tensorflow", "keras", "onnxruntime"]


def main() -> None:
    report("generator_training", f"Training on {os.cpu_count()} cores", training(), PACKAGES)
    report("generator_latency", f"Inference on {os.cpu_count()} cores", inference(), PACKAGES)


def networks() -> tuple[keras.Model, keras.Model, keras.Model]:
    model = SETTINGS.model
    size = (CLASSES, model.noise, model.label_embedding, model.generator_width, 0)
    return build_generator(*size), build_generator(*size), build_discriminator(CLASSES, model.discriminator_width, 1)


def training() -> list[dict[str, Any]]:
    rng, settings = np.random.default_rng(0), SETTINGS.training
    image = tf.constant(rng.integers(0, 256, (settings.batch_size, 28, 28), np.uint8))
    label = tf.constant(rng.integers(0, CLASSES, settings.batch_size))
    rates = []
    for name, eager in (("plain: operation by operation", True), ("one compiled step", False)):
        trainer = GanTrainer(*networks(), noise=SETTINGS.model.noise, settings=settings)
        tf.config.run_functions_eagerly(eager)
        seconds = _seconds(partial(trainer.step, image, label))
        rates.append((name, settings.batch_size / seconds))
    return [{"way": name, "drawings/s": round(rate), "times": round(rate / rates[0][1], 2)} for name, rate in rates]


def inference() -> list[dict[str, Any]]:
    generator, noise_size = networks()[0], SETTINGS.model.noise
    model = served_generator(generator, truncation=1.0)
    compiled = tf.function(model, autograph=False)
    with tempfile.TemporaryDirectory() as folder:
        write_onnx(model, _spec(noise_size).parts[MODEL], Path(folder, "model.onnx"))
        session = OnnxModel(Path(folder, "model.onnx"), threads=0)
    rows = []
    for batch in (1, 16):
        noise, label = np.zeros((batch, noise_size), np.float32), np.arange(batch) % CLASSES
        variants: dict[str, Callable[[], Any]] = {
            "plain: Keras": partial(model, [noise, label], training=False),
            "Keras, compiled": partial(compiled, [noise, label], training=False),
            "Atelier: ONNX Runtime": partial(session, noise=noise, label=label),
        }
        seconds = {name: _seconds(call) for name, call in variants.items()}
        plain = seconds["plain: Keras"]
        rows += [
            {"batch": batch, "way": name, "ms": round(1000 * took, 3), "times": round(plain / took, 2)}
            for name, took in seconds.items()
        ]
    return rows


def _spec(noise: int) -> ModelSpec:
    """The part of the interface that the exporter needs."""
    return ModelSpec.single(
        inputs=(
            Tensor(name="noise", dtype="float32", shape=("batch", noise)),
            Tensor(name="label", dtype="int64", shape=("batch",)),
        ),
        outputs=(Tensor(name="image", dtype="float32", shape=("batch", 28, 28, 1)),),
        intended_use="",
        limits="",
    )


def _seconds(call: Callable[[], Any]) -> float:
    """Mean time of a call."""
    for _ in range(9):  # compiles both kinds of step: with the gradient penalty (every eighth step) and without
        call()
    calls, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        call()
        calls += 1
    return (time.perf_counter() - began) / calls


if __name__ == "__main__":
    main()
