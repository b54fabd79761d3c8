"""Speed of CycleGAN's training step and of its exported generators, and memory of a large image.

    python -m benchmarks.speed.cyclegan [small]     # random images, because the speed does not depend on the content

Training: steps per second of processor time and of wall time. The plain implementation is the same step in float32,
without compilation. The pretrained networks have random weights.
Inference: milliseconds of one image on all cores, of the exported file in ONNX Runtime and of the same network in
TensorFlow, compiled.
Memory: peak of a process that paints an image of 2,048 × 2,048 pixels in tiles.
"""

import os
import subprocess
import sys
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

from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.spec import PhotoInput
from atelier.pretrained.perceptual.architectures import SQUEEZENET
from atelier.pretrained.weights import random_weights
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.cyclegan.export import TO_PAINTING, model_spec
from pipelines.families.cyclegan.generators import build_generator, served_generator
from pipelines.families.cyclegan.optimizers import make_optimizers
from pipelines.families.cyclegan.perception import PerceptualNetwork
from pipelines.families.cyclegan.settings import CycleGanSettings
from pipelines.families.cyclegan.step import CycleTrainer
from pipelines.families.cyclegan.training import new_networks
from pipelines.training.on_tensorflow.exporting import write_onnx
from pipelines.training.on_tensorflow.hardware import Precision

FAMILIES = ("cyclegan_resnet", "cyclegan_unet")
SECONDS = 10.0
"""Time for which each variant is measured, after some warm-up calls."""
SIDES = (256, 512)
LARGE = 2048
PACKAGES = ["tensorflow", "keras", "onnxruntime"]


class RandomPerceptual:
    """SqueezeNet with random weights, which has the speed of the trained one."""

    architecture = SQUEEZENET
    weights = random_weights(SQUEEZENET.shapes, 0)


def main() -> None:
    env = sys.argv[1] if len(sys.argv) > 1 else "small"
    settings = {family: CycleGanSettings.model_validate(parameters(family, env)) for family in FAMILIES}
    rows = [row for family in FAMILIES for row in training(family, settings[family])]
    report("cyclegan_training", f"Training step on {os.cpu_count()} cores, conf/{env}", rows, PACKAGES)
    rows = [row for family in FAMILIES for row in inference(family, settings[family])]
    report("cyclegan_latency", f"One image on {os.cpu_count()} cores, conf/{env}", rows, PACKAGES)


def training(family: str, settings: CycleGanSettings) -> list[dict[str, Any]]:
    """One row per way of computing the same step."""
    shape = (settings.training.batch_size, settings.training.size, settings.training.size, 3)
    photo, painting = (tf.constant(np.random.default_rng(seed).uniform(0, 255, shape), tf.float32) for seed in (0, 1))
    ways: tuple[tuple[str, Precision, bool], ...] = (
        ("plain: float32, operation by operation", "float32", True),
        ("float32, compiled", "float32", False),
        ("bfloat16, compiled", "bfloat16", False),
    )
    rows: list[dict[str, Any]] = []
    for name, precision, eager in ways:
        tf.config.run_functions_eagerly(eager)
        trainer = _trainer(settings, precision)
        processor, wall = _seconds(partial(trainer.step, photo, painting))
        first = rows[0] if rows else {"processor ms": processor * 1000, "ms": wall * 1000}
        rows.append(
            {
                "family": family,
                "way": name,
                "ms": round(1000 * wall, 1),
                "times": round(first["ms"] / wall / 1000, 2),
                "processor ms": round(1000 * processor, 1),
                "times less": round(first["processor ms"] / processor / 1000, 2),
            }
        )
    tf.config.run_functions_eagerly(False)
    return rows


def inference(family: str, settings: CycleGanSettings) -> list[dict[str, Any]]:
    """One row per size and way, and one for the large image."""
    network = served_generator(build_generator(settings.model.to_painting, 0, "generator"))
    compiled = tf.function(network, autograph=False)
    spec: ModelSpec = model_spec(settings.model)
    assert isinstance(spec.preprocessing, PhotoInput)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.onnx")
        write_onnx(network, spec.parts[TO_PAINTING], file)
        model = OnnxModel(file, threads=0)
        for side in SIDES:
            image = np.random.default_rng(0).uniform(0, 255, (1, side, side, 3)).astype(np.float32)
            ways: dict[str, Callable[[], Any]] = {
                "plain: TensorFlow, compiled": partial(compiled, tf.constant(image)),
                "Atelier: ONNX Runtime": partial(model, image=image),
            }
            seconds = {name: _seconds(call)[1] for name, call in ways.items()}
            plain = seconds["plain: TensorFlow, compiled"]
            rows += [
                {"family": family, "side": side, "way": name, "ms": round(1000 * took, 1), "times": plain / took}
                for name, took in seconds.items()
            ]
        memory, took = _large_image(file, spec.preprocessing)
        rows.append(
            {
                "family": family,
                "side": LARGE,
                "way": f"in tiles, {memory:.0f} MB",
                "ms": round(1000 * took),
                "times": 1.0,
            }
        )
    return rows


def _trainer(settings: CycleGanSettings, precision: Precision) -> CycleTrainer:
    keras.utils.clear_session()
    options = settings.training.model_copy(update={"reconstruction_steps": 0})
    perception = PerceptualNetwork(RandomPerceptual(), settings.model.discriminator.features, precision)  # type: ignore[arg-type]
    networks = new_networks(settings.model, perception.channels, 0, precision)
    optimizers = make_optimizers(networks, options, precision)
    return CycleTrainer(networks, optimizers, perception, options, tf.distribute.get_strategy())


def _large_image(file: Path, preprocessing: PhotoInput) -> tuple[float, float]:
    """Peak memory in MB and seconds, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.speed.large_image",
        str(file),
        preprocessing.model_dump_json(),
        str(LARGE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    memory, seconds = map(float, done.stdout.split())
    return memory, seconds


def _seconds(call: Callable[[], Any]) -> tuple[float, float]:
    """Mean processor time and wall time of a call."""
    for _ in range(3):
        call()
    calls, began, processor = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < SECONDS:
        call()
        calls += 1
    return (time.process_time() - processor) / calls, (time.perf_counter() - began) / calls


if __name__ == "__main__":
    main()
