"""The report of a benchmark: a printed table, and a JSON file with a description of the machine."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


def report(
    name: str,
    title: str,
    rows: Sequence[dict[str, Any]],
    packages: Sequence[str] = ("numpy",),
    details: Sequence[dict[str, Any]] = (),
) -> Path:
    """Print rows as a table and write them to `results/<name>.json`.

    Parameters
    ----------
    rows
        One dictionary a row, all with the same keys, which are the column titles.
    packages
        Packages whose versions matter for the result.
    details
        The single results that the rows summarize; written to the file only.
    """
    table = Table(title=title)
    for column, value in rows[0].items():
        table.add_column(column, justify="right" if isinstance(value, (int, float)) else "left")
    for row in rows:
        table.add_row(*(_format(value) for value in row.values()))
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    document = {"benchmark": name, "title": title, "machine": machine(packages), "rows": list(rows)}
    if details:
        document["details"] = list(details)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def machine(packages: Sequence[str]) -> dict[str, Any]:
    """What the speed depends on. Contains no host name and no paths."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {package: version(package) for package in packages},
    }


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _format(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 or isinstance(value, int) else f"{value:.3g}"
