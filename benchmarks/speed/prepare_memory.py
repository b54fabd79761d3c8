"""Peak memory and time of fetching and preparing sample drawings, one million by default.

python -m benchmarks.speed.prepare_memory [drawings]
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import yaml

from atelier.data.samples.doodle_categories import CATEGORIES
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.fetch.quickdraw import QuickdrawFetch, fetch
from pipelines.prepare.quickdraw import QuickdrawPrepare, prepare


def main() -> None:
    drawings = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    each = -(-drawings // len(CATEGORIES))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fetched, prepared = (parameters("quickdraw", "base")[step] for step in ("fetch", "prepare"))
        settings = QuickdrawFetch.model_validate(fetched | {"source": "sample", "items_per_category": each, "seed": 1})
        rows = [_before()]
        rows.append(_measure("fetch (generate)", lambda: fetch(folder / "raw", settings), each * len(CATEGORIES)))
        args = (folder / "raw", folder / "prepared", folder / "reports", QuickdrawPrepare.model_validate(prepared))
        rows.append(_measure("prepare", lambda: prepare(*args), each * len(CATEGORIES)))
        rows.append(_measure("prepare again", lambda: prepare(*args), each * len(CATEGORIES)))
    title = f"Preparing {each * len(CATEGORIES):,} generated drawings"
    report("prepare_memory", title, rows, ["numpy", "orjson"])


def _settings(items_per_category: int) -> tuple[QuickdrawFetch, QuickdrawPrepare]:
    """Those of conf/base, with so many drawings of each category."""
    conf = Path(__file__).parents[1] / "conf/base/parameters_quickdraw.yml"
    parameters = yaml.safe_load(conf.read_text(encoding="utf-8"))["quickdraw"]
    changes = {"source": "sample", "mirror": None, "items_per_category": items_per_category}
    return QuickdrawFetch(**(parameters["fetch"] | changes)), QuickdrawPrepare(**parameters["prepare"])


def _before() -> dict[str, Any]:
    return {"step": "imports", "processor seconds": 0.0, "drawings/s": None, "peak memory, MB": _peak()}


def _measure(step: str, run: Callable[[], Any], drawings: int) -> dict[str, Any]:
    start = time.process_time()
    run()
    seconds = time.process_time() - start
    rate = round(drawings / seconds) if seconds > 0.5 else None
    return {"step": step, "processor seconds": round(seconds, 2), "drawings/s": rate, "peak memory, MB": _peak()}


def _peak() -> float:
    """Largest resident set size of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1024), 1)


if __name__ == "__main__":
    main()
