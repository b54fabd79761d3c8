"""How fast the two networks that stylise answer: the exported file beside the same network in its own framework.

    kedro run --env small --pipelines fetch,prepare      # for the perceptual network, a part of both
    python benchmarks/style.py [data/small] [--env small]

Untrained: speed does not depend on the weights. Two threads each, the ways in turns, so that all of them see the same
machine; times are those of the framework over those of the file. With arbitrary_style, the first use of a painting
computes its statistics; from then on they are kept. Memory is the peak of a process with the file, one thread and one
picture.
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
from parameters import parameters
from report import report

SIZES = (256, 512)
THREADS = 2
CALLS, WARM_UP = 15, 2
FILE = "ONNX Runtime"

Image = NDArray[np.float32]
"""(1, size, size, 3), 0..255."""
Ways = Mapping[tuple[str, str], Callable[[Image], object]]
"""(where, what) → answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path("data/small"))
    parser.add_argument("--env", default="small", help="whose parameters say how large the networks are")
    parser.add_argument("--family", choices=FAMILIES, help="this one only")
    asked = parser.parse_args()
    if asked.family:
        FAMILIES[asked.family](asked.data, asked.env)
        return
    for family in FAMILIES:  # each in a process of its own, with its own framework alone
        command = [sys.executable, __file__, str(asked.data), "--env", asked.env, "--family", family]
        subprocess.run(command, check=True)


def fast_style(data: Path, env: str) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    from atelier.pretrained.perceptual.asset import Perceptual
    from pipelines.families.fast_style.export import model_spec
    from pipelines.families.fast_style.model import build_network, painting_model
    from pipelines.families.fast_style.settings import FastStyleSettings
    from pipelines.families.fast_style.styles import Style
    from pipelines.training.on_tensorflow.exporting import write_onnx

    model = FastStyleSettings.model_validate(parameters("fast_style", env)).model
    blank = np.zeros((96, 96, 3), np.uint8)
    spec = model_spec(tuple(Style(f"style {number}", number, blank) for number in range(8)))
    sees = Perceptual(data / "raw" / "perceptual") if model.sees_features else None
    painting = painting_model(build_network(len(spec.labels), model, 0, perceptual=sees))
    content = _exported(lambda path: write_onnx(painting, spec.parts[MODEL], path))
    weights = np.eye(1, len(spec.labels), dtype=np.float32)
    file, compiled = OnnxModel(content, THREADS), tf.function(lambda image, mix: painting([image, mix], training=False))
    ways: Ways = {
        (FILE, "picture"): lambda image: file(image=image, weights=weights),
        ("TensorFlow, compiled", "picture"): lambda image: compiled(tf.constant(image), tf.constant(weights)),
    }
    memory = {size: peak_memory(content, {"image": _image(size), "weights": weights}) for size in SIZES}
    report("style_fast", "fast_style, two threads", rows(ways, memory), ["tensorflow", "keras", "onnxruntime"])


def arbitrary_style(data: Path, env: str) -> None:
    import torch

    torch.set_num_threads(THREADS)
    from atelier.pretrained.perceptual.asset import Perceptual
    from pipelines.families.arbitrary_style.export import Painting, write_painting_onnx
    from pipelines.families.arbitrary_style.settings import ArbitraryStyleSettings
    from pipelines.families.arbitrary_style.training import new_network

    settings = ArbitraryStyleSettings.model_validate(parameters("arbitrary_style", env))
    network = new_network(Perceptual(data / "raw" / "perceptual"), settings).eval()
    painting = Painting(network).eval()
    content = _exported(lambda path: write_painting_onnx(painting, path))
    file = OnnxModel(content, THREADS)
    style, full = np.ones((1, 2 * network.channels), np.float32), np.ones(1, np.float32)

    def read(image: Image) -> NDArray[Any]:
        return file.only("statistics", image=image, style=style, strength=full)

    def paint(image: Image, statistics: NDArray[Any] = style) -> NDArray[Any]:
        return file.only("picture", image=image, style=statistics, strength=full)

    @torch.inference_mode()
    def read_in_torch(image: Image) -> torch.Tensor:
        return network.statistics(network.encoder(torch.from_numpy(image).permute(0, 3, 1, 2)))

    @torch.inference_mode()
    def paint_in_torch(image: Image, statistics: torch.Tensor | None = None) -> torch.Tensor:
        told = torch.from_numpy(style) if statistics is None else statistics
        picture: torch.Tensor = painting(torch.from_numpy(image), told, torch.from_numpy(full))[0]
        return picture

    ways: Ways = {
        (FILE, "first use of a painting"): lambda image: paint(image, read(image)),
        ("torch", "first use of a painting"): lambda image: paint_in_torch(image, read_in_torch(image)),
        (FILE, "statistics kept"): paint,
        ("torch", "statistics kept"): paint_in_torch,
    }
    inputs = {"style": style, "strength": full}
    memory = {size: peak_memory(content, {"image": _image(size), **inputs}) for size in SIZES}
    report("style_arbitrary", "arbitrary_style, two threads", rows(ways, memory), ["torch", "onnxruntime"])


def rows(ways: Ways, memory: Mapping[int, float | None]) -> list[dict[str, Any]]:
    """A row a size and way; `times` is how many times as long the framework takes for the same."""
    found = []
    for size in SIZES:
        median = {way: np.percentile(times, [50, 95]) for way, times in _in_turns(ways, _image(size)).items()}
        framework = {what: percentiles[0] for (where, what), percentiles in median.items() if where != FILE}
        for (where, what), (p50, p95) in median.items():
            row = {"size": size, "what": what, "way": where, "p50 ms": round(p50, 1), "p95 ms": round(p95, 1)}
            peak = memory[size] if where == FILE else None
            found.append(row | {"times": round(framework[what] / p50, 2), "peak memory, MB": peak and round(peak)})
    return found


def _in_turns(ways: Ways, image: Image) -> dict[tuple[str, str], list[float]]:
    """Milliseconds of each call of each way."""
    times: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
    for call in range(WARM_UP + CALLS):
        for way, answer in ways.items():
            began = time.perf_counter()
            answer(image)
            if call >= WARM_UP:
                times[way].append(1000 * (time.perf_counter() - began))
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
