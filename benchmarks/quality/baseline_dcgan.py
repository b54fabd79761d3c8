"""The baseline of one unconditional DCGAN per class, compared with our generator of all classes at equal training time.

    kedro run --env small                                  # data, the judge, and the generator to compare with
    python -m benchmarks.quality.baseline_dcgan 2600 [data/small]  # processor seconds of training our generator

The baseline is the network of most tutorials: z = 100, 7 × 7 × 256 → 128 → 64 → 1, a discriminator of two convolutions
with dropout, Adam at 1e-4, batches of 256. The first argument is the processor time that training our generator took.
Divided by the number of classes, it is the training time of one baseline model. Each baseline is evaluated after this
time and after three times this time, on the three largest classes.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.generation.distances import diversity, frechet_distance
from atelier.model_card import MODEL, ModelCard
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator
from atelier.registry.models import Registry
from benchmarks.report import report
from pipelines.lifecycle.judges import champion

NOISE, BATCH, SAMPLES = 100, 256, 200
Images = NDArray[np.uint8]


def main() -> None:
    seconds, folder = float(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "data/small")
    data = PreparedData(folder / "prepared" / "quickdraw")
    registry = Registry(os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db"))
    ours, judge = (_load_champion(registry, family) for family in ("quickdraw_gan", "quickdraw_classifier"))
    labels = data.manifest.labels
    counts = data.manifest.counts["train"]
    chosen = sorted(labels, key=lambda label: -counts[label])[:3]
    train, test = data.split("train"), data.split("test")
    rows = []
    for label in chosen:
        index = labels.index(label)
        learned = train["image"][np.flatnonzero(train["label"][:] == index)]
        stages = _train(learned, [seconds / len(labels), 3 * seconds / len(labels)])
        real, others = np.array_split(test["image"][np.flatnonzero(test["label"][:] == index)], 2)
        requested = np.full(SAMPLES, ours[1].spec.labels.index(label))
        drawn = {
            "real test drawings": real,
            **{f"plain DCGAN, {steps:,} steps": plain for plain, steps in stages},
            f"ours, {len(labels)} classes in one": Generator(ours[0], ours[1].spec).draw(requested, seed=0),
        }
        rows += [{"class": label, "drawings": name, **_evaluate(judge, label, d, others)} for name, d in drawn.items()]
    title = f"One DCGAN per class and one for all classes, {seconds:.0f} s of processor time for {len(labels)} classes"
    report("baseline_dcgan", title, rows, ["tensorflow", "keras", "onnxruntime"])


def _load_champion(registry: Registry, family: str) -> tuple[OnnxModel, ModelCard]:
    version = champion(registry, family, "The benchmark needs")
    return OnnxModel(registry.onnx(version)[MODEL], threads=0), registry.card(version)


def _train(images: Images, stages: list[float]) -> list[tuple[Images, int]]:
    """Train one class; returns samples and number of steps after each of the given processor times."""
    keras.utils.set_random_seed(0)
    generator, discriminator = _generator(), _discriminator()
    step = _step(generator, discriminator)
    rng, steps = np.random.default_rng(0), 0
    batch = min(BATCH, len(images))
    step(tf.constant(images[:batch]))  # compile before the clock starts
    noise = np.random.default_rng(1).standard_normal((SAMPLES, NOISE), np.float32)
    began, drawn = time.process_time(), []
    for seconds in stages:
        while time.process_time() - began < seconds:
            step(tf.constant(images[rng.choice(len(images), batch, replace=False)]))
            steps += 1
        image = np.asarray(generator(noise, training=False))[..., 0]
        drawn.append((np.rint(127.5 * (image + 1)).astype(np.uint8), steps))
    return drawn


def _step(generator: keras.Model, discriminator: keras.Model) -> Any:
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    adams = [keras.optimizers.Adam(1e-4) for _ in range(2)]
    for adam, network in zip(adams, (generator, discriminator), strict=True):
        adam.build(network.trainable_variables)

    def step(images: tf.Tensor) -> None:
        real = tf.cast(images, tf.float32)[..., None] / 127.5 - 1
        noise = tf.random.normal((tf.shape(images)[0], NOISE))
        with tf.GradientTape(persistent=True) as tape:
            fake = generator(noise, training=True)
            on_real, on_fake = discriminator(real, training=True), discriminator(fake, training=True)
            losses = (
                entropy(tf.ones_like(on_fake), on_fake),
                entropy(tf.ones_like(on_real), on_real) + entropy(tf.zeros_like(on_fake), on_fake),
            )
        for adam, network, loss in zip(adams, (generator, discriminator), losses, strict=True):
            adam.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)

    return tf.function(step, autograph=False)


def _generator() -> keras.Model:
    blocks: list[Any] = [keras.Input((NOISE,)), layers.Dense(7 * 7 * 256, use_bias=False)]
    blocks += [layers.BatchNormalization(), layers.LeakyReLU(0.3), layers.Reshape((7, 7, 256))]
    for channels, stride in ((128, 1), (64, 2)):
        blocks += [layers.Conv2DTranspose(channels, 5, stride, "same", use_bias=False)]
        blocks += [layers.BatchNormalization(), layers.LeakyReLU(0.3)]
    return keras.Sequential([*blocks, layers.Conv2DTranspose(1, 5, 2, "same", use_bias=False, activation="tanh")])


def _discriminator() -> keras.Model:
    blocks: list[Any] = [keras.Input((28, 28, 1))]
    for channels in (64, 128):
        blocks += [layers.Conv2D(channels, 5, 2, "same"), layers.LeakyReLU(0.3), layers.Dropout(0.3)]
    return keras.Sequential([*blocks, layers.Flatten(), layers.Dense(1)])


def _evaluate(judge: tuple[OnnxModel, ModelCard], label: str, drawings: Images, real: Images) -> dict[str, Any]:
    """The distance is computed to the same number of real test drawings from the other half of the split."""
    probabilities, features = (judge[0](image=drawings)[name] for name in ("probabilities", "features"))
    others = judge[0](image=real)["features"]
    count = min(len(features), len(others))
    return {
        "label accuracy": round(float((probabilities.argmax(1) == judge[1].spec.labels.index(label)).mean()), 3),
        "Fréchet distance": round(frechet_distance(features[:count], others[:count], resamples=1).value, 2),
        "diversity of real": round(diversity(features) / diversity(others), 3),
    }


if __name__ == "__main__":
    main()
