"""Speed of face editing: training steps of each stage, and the exported parts, with untrained weights.

    python -m benchmarks.speed.psp [small] [full]     # random faces, because the speed does not depend on the content

Training: faces per second of processor time and of wall time, of `conf/small` and of each environment that is named but
`full`, which is for a GPU. The perceptual network has random weights.
Inference: milliseconds of one face on all cores, and seconds to load all parts.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor, nn

from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.architectures import SQUEEZENET
from atelier.pretrained.weights import random_weights
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.psp.batches import to_images
from pipelines.families.psp.edits import EditBounds
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.optimizers import new_optimizers
from pipelines.families.psp.perception import Perception
from pipelines.families.psp.served import ServedDecoder, ServedEncoder, ServedMapping, channels_first
from pipelines.families.psp.settings import PspSettings
from pipelines.families.psp.stages import Stages
from pipelines.families.psp.training_settings import Stage
from pipelines.training.on_torch.exporting import write_onnx
from pipelines.training.on_torch.hardware import set_up

ATTRIBUTES = 6
STEPS = 6
"""Steps that are measured after one that is not."""
CALLS = 10
PACKAGES = ["torch", "onnxruntime"]


class RandomPerceptual:
    """SqueezeNet with random weights, which has the speed of the trained one."""

    architecture = SQUEEZENET
    weights = random_weights(SQUEEZENET.shapes, 0)


def main() -> None:
    environments = sys.argv[1:] or ["small", "full"]
    settings = {env: PspSettings.model_validate(parameters("psp", env)) for env in environments}
    rows = [row for env in environments if env != "full" for row in training(env, settings[env])]
    if rows:
        report("psp_training", f"Faces per second of training on {os.cpu_count()} cores", rows, PACKAGES)
    rows = [row for env in environments for row in inference(settings[env])]
    report("psp_latency", f"One face on {os.cpu_count()} cores, untrained weights", rows, PACKAGES)


def training(env: str, settings: PspSettings) -> list[dict[str, Any]]:
    """One row per stage."""
    precision = torch.bfloat16 if set_up(settings.hardware)[1] == "bf16-mixed" else torch.float32
    networks = Networks(settings.model, ATTRIBUTES).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizers = new_optimizers(networks, settings.training.learning_rates)

    def minimize(loss: Tensor, *names: str) -> None:
        for name in names:
            optimizers[name].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for name in names:
            optimizers[name].step()

    size, batch = settings.model.size, settings.training.batch_size
    faces = to_images(np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), np.uint8))
    labels = torch.zeros(batch, ATTRIBUTES)
    bounds = EditBounds(labels[0] - 2, labels[0] + 2)
    stages = Stages(networks, Perception(RandomPerceptual(), faces), bounds, settings.training, minimize)  # type: ignore[arg-type]
    rows = []
    for stage in get_args(Stage):
        random = torch.Generator().manual_seed(0)
        start = (0.0, 0.0)
        for step in range(STEPS + 1):
            with torch.autocast("cpu", precision, enabled=precision != torch.float32):
                stages.step(stage, faces, labels, step + 1, random)
            start = start if step else (_processor_time(), time.perf_counter())
        count = STEPS * batch
        spent = _processor_time() - start[0], time.perf_counter() - start[1]
        rows.append({"conf": env, "stage": stage, "per CPU second": count / spent[0], "per second": count / spent[1]})
    return rows


def inference(settings: PspSettings) -> list[dict[str, Any]]:
    """One row per part, and one for loading all of them."""
    model = settings.model
    networks = Networks(model, ATTRIBUTES)
    parts: dict[str, tuple[nn.Module, Tensor, str]] = {
        "encoder": (ServedEncoder(networks.encoder), torch.zeros(2, model.size, model.size, 3), "image"),
        "decoder": (ServedDecoder(networks.synthesis), torch.zeros(2, model.layers, model.width), "latents"),
        "mapping": (ServedMapping(networks.mapping, model.layers), torch.ones(2, model.noise), "noise"),
    }
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, (network, example, argument) in parts.items():
            files[name] = Path(folder) / f"{name}.onnx"
            dynamic = {argument: {0: torch.export.Dim.DYNAMIC}}
            write_onnx(channels_first(network), {argument: example}, ["output"], dynamic, files[name])
        start = time.perf_counter()
        sessions = {name: OnnxModel(file, threads=0) for name, file in files.items()}
        loaded = time.perf_counter() - start
        for name, (_, example, argument) in parts.items():
            row = {"size": model.size, "part": name, "MB": files[name].stat().st_size / 1e6}
            rows.append(row | {"ms": _milliseconds(sessions[name], {argument: example[:1].numpy()})})
    megabytes = sum(row["MB"] for row in rows)
    return [*rows, {"size": model.size, "part": "load all", "MB": megabytes, "ms": 1000 * loaded}]


def _milliseconds(session: OnnxModel, inputs: dict[str, Any]) -> float:
    """Median time of a call."""
    times = []
    for _ in range(CALLS + 1):
        start = time.perf_counter()
        session(**inputs)
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times[1:]))


def _processor_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
