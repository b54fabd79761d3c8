"""What a family's gate asks of a challenger: the `gate` block of its parameters."""

from typing import Literal, Self

from pydantic import Field, model_validator

from atelier.settings import Settings


class Rule(Settings):
    """What is asked of one metric."""

    direction: Literal["higher", "lower"] = "higher"
    """Which way is better."""
    tolerance: float = Field(0.0, ge=0.0, allow_inf_nan=False)
    """Loss that still counts as not worse, in the metric's own units."""
    floor: float | None = Field(None, allow_inf_nan=False)
    """The worst value that passes whatever the champion does; for a metric where lower is better, a ceiling."""


class Budgets(Settings):
    """The most that a model may cost."""

    latency_p95_ms: float = Field(gt=0)
    size_mb: float = Field(gt=0)
    parity: float = Field(gt=0)
    """Largest absolute difference between the framework's outputs and the ONNX file's."""


class GateSettings(Settings):
    """The `gate` block of a family's parameters."""

    primary: str
    """The metric on which a challenger must be better; one of `rules`."""
    rules: dict[str, Rule]
    budgets: Budgets
    resamples: int = Field(2000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _primary_has_a_rule(self) -> Self:
        if self.primary not in self.rules:
            raise ValueError(f"primary is {self.primary!r}, which has no rule; rules has {', '.join(self.rules)}")
        return self
