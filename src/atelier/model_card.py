"""`card.json`: what travels with a model, from training through the gate into the service.

Light on purpose (pydantic only): the service reads cards and must not load a training framework.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from atelier.evaluation.metric_names import with_current_names
from atelier.preprocessing.spec import DrawingInput, PhotoInput
from atelier.settings import Settings


class Tensor(Settings):
    """One input or output of the ONNX graph."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    """Sizes; a string names a dynamic axis, such as `batch`."""
    range: tuple[float, float] | None = None
    unit: str = ""
    """What a value means: `grey level`, `probability`, `standard deviations`."""


class ModelSpec(Settings):
    """What export knows about a model: its interface."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    preprocessing: DrawingInput | PhotoInput | None = Field(default=None, discriminator="kind")
    labels: tuple[str, ...] = ()
    """Classes, styles or attributes, in the order of the output."""
    thumbnails: dict[str, str] = Field(default_factory=dict)
    """Label → what it looks like, for people: a small picture as a `data:` URL."""
    typical_sizes: dict[str, int] = Field(default_factory=dict)
    """Size of each dynamic axis at which cost is measured; an axis that is not named counts 1."""
    intended_use: str
    limits: str


class Metric(Settings):
    """A test metric with its 95 % bootstrap interval (equal to the value where none was computed)."""

    value: float
    low: float
    high: float


Metrics = Annotated[dict[str, Metric], BeforeValidator(with_current_names)]
"""Metric name → value. Names of earlier versions are replaced on reading, see `metric_names`."""


class Cost(Settings):
    """What answering costs on the machine that evaluated the model, at batch size 1."""

    latency_p50_ms: float
    latency_p95_ms: float
    size_mb: float


class Lineage(Settings):
    """Where a model comes from."""

    run_id: str
    experiment: str
    git_commit: str
    data: dict[str, str]
    """Prepared data set → content hash."""
    raw: dict[str, str]
    """Raw data set → DVC hash (md5 of the folder)."""
    sources: dict[str, str] = Field(default_factory=dict)
    """Data set → where it was fetched from: `sample` (made up by the project), `mirror` or `origin`."""
    licences: dict[str, str]
    generated: dict[str, str] = Field(default_factory=dict)
    """Where it learned from generated items, too: role (`generator`, `filter`) → model version."""
    judges: dict[str, str] = Field(default_factory=dict)
    """Family → version of its champion that the evaluation asked for its opinion."""
    created: str
    """UTC, ISO 8601."""


class ModelCard(Settings):
    """Everything a user of one model version may ask."""

    family: str
    version: str = ""
    """Registry version; empty until registered."""
    spec: ModelSpec
    metrics: Metrics
    cost: Cost
    parity: float
    """Largest absolute difference between the framework's output and the ONNX file's."""
    parameters: int
    """Number of trainable parameters."""
    lineage: Lineage

    def write(self, path: Path) -> None:
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls.model_validate_json(path.read_text(encoding="utf-8"))
