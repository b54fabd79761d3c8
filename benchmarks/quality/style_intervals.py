"""Intervals of the style families: over pairs as if they were independent, and over photos and paintings.

    kedro run --pipelines fetch,prepare,fast_style,arbitrary_style          # the stored results
    python -m benchmarks.quality.style_intervals [data/base]

Metrics without a value per pair are left out. See docs/decisions/0007-independent-units.md.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.results import Evaluation
from atelier.evaluation.unit_bootstrap import mean_over_units
from atelier.model_card import Metric
from benchmarks.report import report

FAMILIES = ("fast_style", "arbitrary_style")


def main() -> None:
    models = Path(sys.argv[1] if len(sys.argv) > 1 else "data/base") / "models"
    rows = [row for family in FAMILIES for row in rows_of(family, Evaluation.read(models / family / "evaluation"))]
    report("style_intervals", "95 % intervals over pairs, and over photos and paintings", rows)


def rows_of(family: str, evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    for name, values in evaluation.items.items():
        ids = evaluation.ids_of(name)
        pairs, units = bootstrap_mean(values), mean_over_units(values, evaluation.units_of(ids))
        yield {
            "family": family,
            "metric": name,
            "items": len(values),
            "value": round(pairs.value, 4),
            "over pairs": _interval(pairs),
            "over photos and paintings": _interval(units),
            "width": round(_width(units) / _width(pairs), 2) if _width(pairs) else None,
        }


def _interval(metric: Metric) -> str:
    return f"{metric.low:.3f} to {metric.high:.3f}"


def _width(metric: Metric) -> float:
    return metric.high - metric.low


if __name__ == "__main__":
    main()
