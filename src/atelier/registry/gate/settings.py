"""The rules and budgets of a family's gate: the `gate` block of its parameters."""

from typing import Literal, Self

from pydantic import Field, model_validator

from atelier.settings import Settings


class Rule(Settings):
    """The rule for one metric."""

    direction: Literal["higher", "lower"] = "higher"
    """Which way is better."""
    tolerance: float = Field(0.0, ge=0.0, allow_inf_nan=False)
    """Largest loss that counts as not worse, in the metric's own units."""
    floor: float | None = Field(None, allow_inf_nan=False)
    """The worst value that passes, whatever the champion's is. Where lower is better it is a ceiling."""


class Budgets(Settings):
    """The largest costs allowed, each for all parts of a model together."""

    latency_p95_ms: float = Field(gt=0)
    size_mb: float = Field(gt=0)
    parity: float = Field(gt=0)
    """Largest absolute difference between the outputs of the framework and of the ONNX files."""


class GateSettings(Settings):
    """The `gate` block of a family's parameters."""

    primary: str
    """The metric on which the challenger must be better; one of `rules`."""
    rules: dict[str, Rule]
    budgets: Budgets
    resamples: int = Field(2000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _primary_has_a_rule(self) -> Self:
        if self.primary not in self.rules:
            raise ValueError(f"primary is {self.primary!r}, which has no rule; rules has {', '.join(self.rules)}")
        return self
