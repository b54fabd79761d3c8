"""Processor time, memory and open files of each step on 345 categories, with 250,000 and with a million drawings.

    python -m benchmarks.speed.full_scale                     # both sizes: about 400 s of processor time
    python -m benchmarks.speed.full_scale 1000 4000           # other sizes

Each step runs in a process of its own, with the classifier's settings of `conf/full` and at most 90 open files:

make      write a mirror of simplified drawings; one line in 100 is damaged, one drawing in 20 is a copy
fetch     copy them to the raw folder
prepare   check, draw, deduplicate, split, write the shards
export    an untrained classifier: fit the temperature, write the ONNX file, compare it with the network
evaluate  classify the test split (a tenth of the drawings), bootstrap all metrics, write the results
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psutil

from atelier.data.prepared.dataset import PreparedData
from atelier.data.samples import doodles
from atelier.data.samples.doodle_categories import CATEGORIES
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings
from pipelines.fetch import quickdraw as fetching
from pipelines.prepare import quickdraw as preparing

SIZES = (250_000, 1_000_000)
MAX_OPEN_FILES = 90


def main() -> None:
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as name:
        measured = [{step: _measure(step, size, Path(name) / str(size)) for step in STEPS} for size in sizes]
    rows = [_row(step, sizes, [steps[step] for steps in measured]) for step in STEPS]
    title = f"{len(fetching.all_categories())} categories, {' and '.join(f'{size:,}' for size in sizes)} drawings"
    report("full_scale", title, rows, ["numpy", "torch", "onnxruntime"])


def _measure(step: str, size: int, folder: Path) -> dict[str, float]:
    """Run a step in a process of its own; its processor time, peak memory, and largest number of open files."""
    folder.mkdir(exist_ok=True)
    call = f"from benchmarks.speed.full_scale import run; run({step!r}, {size}, {str(folder)!r})"
    process = subprocess.Popen([sys.executable, "-c", call], stdout=subprocess.PIPE, text=True)
    observed, files = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            files = max(files, observed.num_fds())
        except psutil.Error:  # it has just ended
            break
        time.sleep(0.02)
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"{step} failed with {size:,} drawings")
    result: dict[str, float] = json.loads(output.splitlines()[-1])
    return result | {"files": files}


def run(step: str, size: int, folder: str) -> None:
    """Run one step in this process, and print its processor time and its peak memory as the last line."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
    STEPS[step](size, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": time.process_time(), "megabytes": peak}))


def _row(step: str, sizes: tuple[int, ...], measured: list[dict[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"step": step}
    for size, values in zip(sizes, measured, strict=True):
        row[f"s at {size:,}"] = round(values["seconds"])
        row[f"MB at {size:,}"] = round(values["megabytes"])
        row[f"files at {size:,}"] = round(values["files"])
    for unit, name in (("seconds", "time"), ("megabytes", "memory")):
        row[f"{name}, ratio"] = round(measured[-1][unit] / measured[0][unit], 2)
    return row


def make(size: int, folder: Path) -> None:
    categories = fetching.all_categories()
    mirror = folder / "mirror" / "quickdraw" / "simplified"
    mirror.mkdir(parents=True)
    for number, category in enumerate(categories):
        items = size // len(categories) + (number < size % len(categories))
        with (mirror / f"{category}.ndjson").open("wb") as file:
            file.writelines(islice(_lines(category, number), items))


def _lines(category: str, number: int) -> Iterator[bytes]:
    """Endless lines of a category. The strokes are those of one of the sample categories."""
    words, serial = list(CATEGORIES), 0
    rng = np.random.default_rng(number)
    while True:
        for drawing, recognized in doodles.draw(words[number % len(words)], rng):
            entry = {"word": category, "recognized": recognized, "key_id": str(serial + 1), "drawing": drawing}
            line = orjson.dumps(entry)
            yield (line[:-9] if serial % 100 == number % 100 else line) + b"\n"
            if serial % 20 == 0:
                yield orjson.dumps(entry | {"key_id": f"copy {serial}"}) + b"\n"
            serial += 1


def fetch(size: int, folder: Path) -> None:  # noqa: ARG001  all steps have one signature
    changes = {"source": "mirror", "mirror": str(folder / "mirror"), "format": "simplified"}
    settings = parameters("quickdraw", "full")["fetch"] | changes
    fetching.fetch(folder / "raw", fetching.QuickdrawFetch.model_validate(settings))


def prepare(size: int, folder: Path) -> None:  # noqa: ARG001
    settings = preparing.QuickdrawPrepare.model_validate(parameters("quickdraw", "full")["prepare"])
    preparing.prepare(folder / "raw", folder / "prepared", folder / "reports", settings)


def export(size: int, folder: Path) -> None:  # noqa: ARG001
    import torch

    from pipelines.families.quickdraw_classifier.export import export as export_classifier
    from pipelines.families.quickdraw_classifier.training import new_network

    inputs, settings = _inputs(folder), _settings()
    weights = new_network(inputs.quickdraw.manifest, settings).state_dict()
    state = {f"average.module.{name}": weight for name, weight in weights.items()}
    torch.save({"epoch": settings.training.epochs - 1, "state_dict": state}, folder / "epoch-00000.ckpt")
    exported = export_classifier(inputs, settings, folder, folder / "model.onnx")
    (folder / "spec.json").write_text(exported.spec.model_dump_json(), encoding="utf-8")


def evaluate(size: int, folder: Path) -> None:  # noqa: ARG001
    from pipelines.families.quickdraw_classifier.evaluation import evaluate as evaluate_classifier

    spec = ModelSpec.model_validate_json((folder / "spec.json").read_text(encoding="utf-8"))
    model = OnnxModel(folder / "model.onnx", threads=0)
    evaluate_classifier(_inputs(folder), model, spec, _settings()).write(folder / "evaluation")


STEPS: dict[str, Callable[[int, Path], None]] = {
    step.__name__: step for step in (make, fetch, prepare, export, evaluate)
}


def _inputs(folder: Path) -> ClassifierInputs:
    return ClassifierInputs(PreparedData(folder / "prepared"))


def _settings() -> ClassifierSettings:
    return ClassifierSettings.model_validate(parameters("quickdraw_classifier", "full"))


if __name__ == "__main__":
    main()
