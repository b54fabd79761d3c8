"""Intervals as text."""

from atelier.model_card import Metric


def with_interval(metric: Metric | None, sign: str = "") -> str:
    """`0.9421 (0.9360 to 0.9480)`, or an empty string for None."""
    if metric is None:
        return ""
    value, low, high = (format(number, f"{sign}.4f") for number in (metric.value, metric.low, metric.high))
    return value if low == value == high else f"{value} ({low} to {high})"
