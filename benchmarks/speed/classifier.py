"""Speed of training and inference of the classifier, compared with plain implementations.

    python -m benchmarks.speed.classifier            # random drawings, because the speed does not depend on the content

Training: drawings per second through one optimizer step, including augmentation. The plain implementation is the usual
one: a `Dataset` that augments one drawing at a time, a `DataLoader`, float32, and the default memory layout.
Inference: milliseconds per call of the exported file in ONNX Runtime, and of the same network in torch.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from atelier.onnx.model import OnnxModel
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.quickdraw_classifier.augmentation import Augmentation
from pipelines.families.quickdraw_classifier.export import ServedClassifier, write_classifier_onnx
from pipelines.families.quickdraw_classifier.model import DrawingNet
from pipelines.families.quickdraw_classifier.settings import ClassifierSettings
from pipelines.families.quickdraw_classifier.step import scaled

CLASSES = 27
BATCH = 256
SECONDS = 8.0
"""Time for which each variant of training is measured, after two warm-up steps."""
SETTINGS = ClassifierSettings.model_validate(parameters("quickdraw_classifier", "base"))
AUGMENT = Augmentation(**SETTINGS.training.augmentation.model_dump(exclude={"mixup"}))

Batch = tuple[torch.Tensor, torch.Tensor]
Drawings = NDArray[np.uint8]


def main() -> None:
    rng = np.random.default_rng(0)
    drawings = (rng.random((20_000, 28, 28)) * 255 * (rng.random((20_000, 28, 28)) < 0.2)).astype(np.uint8)
    labels = rng.integers(0, CLASSES, len(drawings))
    report("classifier_training", f"Training on {torch.get_num_threads()} cores", training(drawings, labels), ["torch"])
    report("classifier_latency", "Inference, one thread", inference(drawings), ["torch", "onnxruntime"])


def training(drawings: Drawings, labels: NDArray[np.int64]) -> list[dict[str, Any]]:
    bfloat16 = torch.cpu._is_avx512_bf16_supported()
    ours = "whole batches augmented at once, channels last"
    variants: list[tuple[str, Callable[[], Iterator[Batch]], bool, bool]] = [
        ("plain: one drawing at a time in a DataLoader", lambda: _loader(drawings, labels, workers=0), False, False),
        ("plain, two workers", lambda: _loader(drawings, labels, workers=2), False, False),
        (ours, lambda: _batches(drawings, labels), True, False),
    ]
    if bfloat16:
        variants.append((f"{ours}, bfloat16", lambda: _batches(drawings, labels), True, True))
    rates = [(name, _rate(batches(), last, half)) for name, batches, last, half in variants]
    return [{"way": name, "drawings/s": round(rate), "times": round(rate / rates[0][1], 2)} for name, rate in rates]


def _rate(batches: Iterable[Batch], channels_last: bool, bfloat16: bool) -> float:
    network = DrawingNet(CLASSES, SETTINGS.model.widths, SETTINGS.model.depths)
    if channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # gap in stubs
    optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, nesterov=True)
    seen, began = 0, 0.0
    for step, (images, labels) in enumerate(batches):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = network(images)
        loss = functional.cross_entropy(logits.float(), labels, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step == 1:
            began = time.perf_counter()
        elif step > 1:
            seen += len(labels)
            if time.perf_counter() - began > SECONDS:
                break
    return seen / (time.perf_counter() - began)


def _batches(drawings: Drawings, labels: NDArray[np.int64]) -> Iterator[Batch]:
    rng = np.random.default_rng(0)
    while True:
        index = rng.integers(0, len(drawings), BATCH)
        yield AUGMENT(scaled(torch.from_numpy(drawings[index])), rng), torch.from_numpy(labels[index])


class OneByOne(Dataset[tuple[torch.Tensor, int]]):
    """Augments each drawing when it is requested."""

    def __init__(self, drawings: Drawings, labels: NDArray[np.int64]) -> None:
        self.drawings, self.labels = drawings, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = scaled(torch.from_numpy(self.drawings[index : index + 1]))
        return AUGMENT(image, np.random.default_rng(index))[0], int(self.labels[index])


def _loader(drawings: Drawings, labels: NDArray[np.int64], workers: int) -> Iterator[Batch]:
    data = OneByOne(drawings, labels)
    return iter(DataLoader(data, BATCH, shuffle=True, num_workers=workers, drop_last=True))


def inference(drawings: Drawings) -> list[dict[str, Any]]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = []
    for flip_average in (False, True):
        network = DrawingNet(CLASSES, SETTINGS.model.widths, SETTINGS.model.depths)
        served = ServedClassifier(network, flip_average).eval()
        with tempfile.TemporaryDirectory() as folder:
            write_classifier_onnx(served, 28, Path(folder) / "model.onnx")
            model = OnnxModel((Path(folder) / "model.onnx").read_bytes())
        runtimes = {"ONNX Runtime": _run_onnx(model), "torch": _run_torch(served)}
        for batch in (1, 64):
            for name, run in runtimes.items():
                variant = f"{name}, {'with' if flip_average else 'without'} mirror image"
                rows.append({"way": variant, "batch": batch, **_latency(run, drawings[:batch])})
    torch.set_num_threads(threads)
    return rows


def _run_onnx(model: OnnxModel) -> Callable[[Drawings], object]:
    return lambda images: model(image=images)


def _run_torch(network: torch.nn.Module) -> Callable[[Drawings], object]:
    def run(images: Drawings) -> object:
        with torch.inference_mode():
            return network(torch.from_numpy(images))

    return run


def _latency(run: Callable[[Drawings], object], images: Drawings, calls: int = 200) -> dict[str, float]:
    for _ in range(10):
        run(images)
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        run(images)
        times.append(1000 * (time.perf_counter() - began))
    p50, p95 = np.percentile(times, [50, 95])
    return {"p50 ms": round(float(p50), 3), "p95 ms": round(float(p95), 3)}


if __name__ == "__main__":
    main()
