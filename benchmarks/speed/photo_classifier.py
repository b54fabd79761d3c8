"""Speed of the exported photo classifier, beside the same network in TensorFlow.

    python -m benchmarks.speed.photo_classifier [cores]

Both take photos of 192 × 192 pixels, which the network may resize to 160. The weights are those of the backbone and a
classifier of zeros, because the speed does not depend on them. The two take turns, so that other work on the machine
slows both down alike.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from atelier.model_card import MODEL
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.spec import PhotoInput
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.fetch.backbone import BackboneFetch, fetch
from pipelines.lifecycle.families import FAMILIES

CLASSES, PREPARED = 20, 192
CASES = (160, False), (160, True), (192, True)
"""Pixels of the network's input, and whether it averages over a photo and its mirror image. `small` serves the last."""
CALLS = 40
"""Calls of each, after three to warm up."""


def main() -> None:
    cores = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(cores)
    rows = [row for size, average in CASES for row in measure(size, average, cores, tf)]
    title = f"A photo of {PREPARED} pixels, {cores} cores"
    report("photo_classifier_latency", title, rows, ["tensorflow", "onnxruntime"])


def measure(size: int, average: bool, cores: int, tf: Any) -> list[dict[str, Any]]:
    family = FAMILIES["photo_classifier"]
    model, export = family.module("model"), family.module("export")
    values = parameters("photo_classifier", "small")
    values["model"] |= {"size": size, "variant": "fine_tuned"}
    settings: Any = family.settings(values)
    with tempfile.TemporaryDirectory() as folder:
        backbone = fetch(Path(folder, "backbone"), BackboneFetch(**parameters("backbone", "small")["fetch"]))
        network = model.build_network(CLASSES, settings.model, backbone, 0)
        features = network.output["features"].shape[1]
        known = model.KnownFeatures(np.zeros(features, np.float32), np.ones((features, CLASSES), np.float32))
        served = model.served_classifier(network, 1.0, average, known)
        target = Path(folder, "model.onnx")
        described: Any = SimpleNamespace(
            labels=tuple(map(str, range(CLASSES))), preprocessing=PhotoInput(size=(PREPARED, PREPARED))
        )
        spec = export.model_spec(described, features, 0.0)
        export.write_onnx(served, spec.parts[MODEL], target)
        onnx = OnnxModel(target, threads=cores)
        function = tf.function(lambda image: served([image], training=False), reduce_retracing=True)
        rows = []
        for photos in (1, 8):
            images = np.random.default_rng(0).integers(0, 256, (photos, PREPARED, PREPARED, 3), dtype=np.uint8)
            tensor = tf.constant(images)
            ways: dict[str, Callable[[], Any]] = {
                "TensorFlow": partial(_to_numpy, function, tensor),
                "Atelier (ONNX Runtime)": partial(onnx, image=images),
            }
            found = milliseconds(ways)
            rows += [
                {
                    "way": name,
                    "pixels": size,
                    "mirror average": average,
                    "photos": photos,
                    "ms a photo": round(each / photos, 2),
                    "times": round(found["TensorFlow"] / each, 2),
                }
                for name, each in found.items()
            ]
    return rows


def _to_numpy(function: Callable[[Any], Any], tensor: Any) -> Any:
    return function(tensor)["probabilities"].numpy()


def milliseconds(ways: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Median of each; they take turns."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for call in range(CALLS + 3):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if call >= 3:
                seen[name].append(1000 * (time.perf_counter() - start))
    return {name: float(np.median(values)) for name, values in seen.items()}


if __name__ == "__main__":
    main()
