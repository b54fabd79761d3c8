"""What a family's `evaluate` hands back to the lifecycle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.card import Metric


@dataclass(frozen=True)
class Evaluation:
    """The test results of one ONNX file.

    Attributes
    ----------
    metrics
        Name → value with its interval. Logged to MLflow, written into the card, shown in tables.
    items
        Name → one float per test item whose mean is the metric of that name. The gate compares champion and
        challenger on these, item by item (paired bootstrap); metrics that are no mean of items are left out.
    item_ids
        uint64 (n,): which test items, in the order of `items`.
    pictures
        File name (`confusion.png`) → PNG bytes.
    tables
        File name (`per_class.json`) → JSON-able content.
    """

    metrics: Mapping[str, Metric]
    items: Mapping[str, NDArray[np.float64]]
    item_ids: NDArray[np.uint64]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)


def in_json(metric: Metric) -> dict[str, float] | None:
    """A metric as a table holds it: None where it is undefined, as JSON has no NaN."""
    return None if np.isnan(metric.value) else metric.model_dump()
