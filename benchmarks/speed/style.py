"""Speed of the style transfer networks: the exported file compared with the same network in its own framework.

    kedro run --env small --pipelines fetch,prepare      # both need the perceptual network
    python -m benchmarks.speed.style [data/small] [--env small]

The networks are untrained, because the speed does not depend on the weights. All variants use two threads and take
turns, so that load on the machine affects all of them. `times` is the time of the framework divided by that of the
file. In arbitrary_style, the first use of a painting computes its statistics; later uses reuse them. Memory is the peak
of a process with the file, one thread and one image.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.model_card import MODEL
from atelier.onnx.memory import peak_memory
from atelier.onnx.model import OnnxModel
from benchmarks.parameters import parameters
from benchmarks.report import report

SIZES = (256, 512)
THREADS = 2
CALLS, WARM_UP = 15, 2
FILE = "ONNX Runtime"

Image = NDArray[np.float32]
"""(1, size, size, 3), 0..255."""
Variants = Mapping[tuple[str, str], Callable[[Image], object]]
"""(runtime, task) → function of an image."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path("data/small"))
    parser.add_argument("--env", default="small", help="environment whose parameters set the size of the networks")
    parser.add_argument("--family", choices=FAMILIES, help="only this family")
    arguments = parser.parse_args()
    if arguments.family:
        FAMILIES[arguments.family](arguments.data, arguments.env)
        return
    for family in FAMILIES:  # each in a separate process that loads one framework
        options = [str(arguments.data), "--env", arguments.env, "--family", family]
        subprocess.run([sys.executable, "-m", "benchmarks.speed.style", *options], check=True)


def fast_style(data: Path, env: str) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    from atelier.pretrained.perceptual.asset import Perceptual
    from pipelines.families.fast_style.export import model_spec
    from pipelines.families.fast_style.model import build_network, served_stylizer
    from pipelines.families.fast_style.settings import FastStyleSettings
    from pipelines.families.fast_style.styles import Style
    from pipelines.training.on_tensorflow.exporting import write_onnx

    model = FastStyleSettings.model_validate(parameters("fast_style", env)).model
    blank = np.zeros((96, 96, 3), np.uint8)
    spec = model_spec(tuple(Style(f"style {number}", number, blank) for number in range(8)))
    features = Perceptual(data / "raw" / "perceptual") if model.perceptual_features else None
    painting = served_stylizer(build_network(len(spec.labels), model, 0, perceptual=features))
    content = _exported(lambda path: write_onnx(painting, spec.parts[MODEL], path))
    weights = np.eye(1, len(spec.labels), dtype=np.float32)
    file, compiled = OnnxModel(content, THREADS), tf.function(lambda image, mix: painting([image, mix], training=False))
    variants: Variants = {
        (FILE, "picture"): lambda image: file(image=image, weights=weights),
        ("TensorFlow, compiled", "picture"): lambda image: compiled(tf.constant(image), tf.constant(weights)),
    }
    memory = {size: peak_memory(content, {"image": _image(size), "weights": weights}) for size in SIZES}
    report("style_fast", "fast_style, two threads", rows(variants, memory), ["tensorflow", "keras", "onnxruntime"])


def arbitrary_style(data: Path, env: str) -> None:
    import torch

    torch.set_num_threads(THREADS)
    from atelier.pretrained.perceptual.asset import Perceptual
    from pipelines.families.arbitrary_style.export import ServedStylizer, write_stylizer_onnx
    from pipelines.families.arbitrary_style.settings import ArbitraryStyleSettings
    from pipelines.families.arbitrary_style.training import new_network

    settings = ArbitraryStyleSettings.model_validate(parameters("arbitrary_style", env))
    network = new_network(Perceptual(data / "raw" / "perceptual"), settings).eval()
    served = ServedStylizer(network).eval()
    content = _exported(lambda path: write_stylizer_onnx(served, path))
    file = OnnxModel(content, THREADS)
    style, full = np.ones((1, 2 * network.channels), np.float32), np.ones(1, np.float32)

    def read_statistics(image: Image) -> NDArray[Any]:
        return file.only("statistics", image=image, style=style, strength=full)

    def stylize(image: Image, statistics: NDArray[Any] = style) -> NDArray[Any]:
        return file.only("picture", image=image, style=statistics, strength=full)

    @torch.inference_mode()
    def read_in_torch(image: Image) -> torch.Tensor:
        return network.statistics(network.encoder(torch.from_numpy(image).permute(0, 3, 1, 2)))

    @torch.inference_mode()
    def stylize_in_torch(image: Image, statistics: torch.Tensor | None = None) -> torch.Tensor:
        target = torch.from_numpy(style) if statistics is None else statistics
        picture: torch.Tensor = served(torch.from_numpy(image), target, torch.from_numpy(full))[0]
        return picture

    variants: Variants = {
        (FILE, "first use of a painting"): lambda image: stylize(image, read_statistics(image)),
        ("torch", "first use of a painting"): lambda image: stylize_in_torch(image, read_in_torch(image)),
        (FILE, "statistics kept"): stylize,
        ("torch", "statistics kept"): stylize_in_torch,
    }
    inputs = {"style": style, "strength": full}
    memory = {size: peak_memory(content, {"image": _image(size), **inputs}) for size in SIZES}
    report("style_arbitrary", "arbitrary_style, two threads", rows(variants, memory), ["torch", "onnxruntime"])


def rows(variants: Variants, memory: Mapping[int, float | None]) -> list[dict[str, Any]]:
    """One row per size and variant; `times` is the time of the framework divided by that of the row."""
    found = []
    for size in SIZES:
        median = {key: np.percentile(times, [50, 95]) for key, times in _take_turns(variants, _image(size)).items()}
        framework = {task: percentiles[0] for (runtime, task), percentiles in median.items() if runtime != FILE}
        for (runtime, task), (p50, p95) in median.items():
            row = {"size": size, "what": task, "way": runtime, "p50 ms": round(p50, 1), "p95 ms": round(p95, 1)}
            peak = memory[size] if runtime == FILE else None
            found.append(row | {"times": round(framework[task] / p50, 2), "peak memory, MB": peak and round(peak)})
    return found


def _take_turns(variants: Variants, image: Image) -> dict[tuple[str, str], list[float]]:
    """Milliseconds of each call of each variant."""
    times: dict[tuple[str, str], list[float]] = {variant: [] for variant in variants}
    for number in range(WARM_UP + CALLS):
        for variant, call in variants.items():
            began = time.perf_counter()
            call(image)
            if number >= WARM_UP:
                times[variant].append(1000 * (time.perf_counter() - began))
    return times


def _image(size: int) -> Image:
    return np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype(np.float32)


def _exported(write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.onnx")
        write(path)
        return path.read_bytes()


FAMILIES = {"fast_style": fast_style, "arbitrary_style": arbitrary_style}

if __name__ == "__main__":
    main()
