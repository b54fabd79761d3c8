"""Metric names of earlier versions, and the names that these metrics have today.

A registry keeps cards, test results and verdicts for years. They are read with today's names, so that a champion from
before a renaming is compared with a challenger from after it. An old name is never given to another metric.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

RENAMED = {
    "agreement": "label_accuracy",
    "agreement_large": "label_accuracy_large",
    "real_agreement": "real_label_accuracy",
    "real_agreement_large": "real_label_accuracy_large",
    "copies": "memorization_rate",
    "real_copies": "real_memorization_rate",
    "grid": "checkerboard",
    "shimmer": "shift_instability",
    "monotone": "strength_monotonicity",
    "reached": "gap_closed",
    "colour_match_content": "color_match_content",
    "colour_match_style": "color_match_style",
}
"""Old name → today's name."""


def current_name(name: str) -> str:
    """Today's name of a metric."""
    return RENAMED.get(name, name)


def with_current_names(values: Any) -> Any:
    """A mapping from metric names with today's names; anything else is returned as it is, for Pydantic to refuse."""
    if not isinstance(values, Mapping):
        return values
    return {current_name(name): value for name, value in values.items()}


MetricName = Annotated[str, AfterValidator(current_name)]
"""Field type of a metric's name in a Pydantic model: old names become today's."""
