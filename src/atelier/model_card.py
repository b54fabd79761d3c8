"""`card.json`: what travels with a model, from training through the gate into the service.

Light on purpose (pydantic only): the service reads cards and must not load a training framework.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from atelier.preprocessing.spec import DrawingInput, PhotoInput
from atelier.settings import Settings

MODEL = "model"
"""Name of the only part of a model that is one ONNX file."""


class Tensor(Settings):
    """One input or output of an ONNX graph."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    """Sizes; a string names a dynamic axis, such as `batch`."""
    range: tuple[float, float] | None = None
    unit: str = ""
    """What a value means: `grey level`, `probability`, `standard deviations`."""


class PartSpec(Settings):
    """The interface of one part of a model. A part is one ONNX file, `<name of the part>.onnx`."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


class ModelSpec(Settings):
    """The interface of a model: what export knows about it.

    Most models have one part, `model`. Others have several, such as an `encoder` and a `decoder`.
    """

    parts: dict[str, PartSpec] = Field(min_length=1)
    """Part → its interface. The name of a part is a file name and an argument: `encoder`, `decoder`."""
    preprocessing: DrawingInput | PhotoInput | None = Field(default=None, discriminator="kind")
    labels: tuple[str, ...] = ()
    """Classes, styles or attributes, in the order of the output."""
    thumbnails: dict[str, str] = Field(default_factory=dict)
    """Label → what it looks like, for people: a small picture as a `data:` URL."""
    typical_sizes: dict[str, int] = Field(default_factory=dict)
    """Size of each dynamic axis at which cost is measured; an axis that is not named counts 1."""
    intended_use: str
    limits: str

    @classmethod
    def single(cls, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...], **fields: Any) -> Self:
        """The interface of a model with one part."""
        return cls(parts={MODEL: PartSpec(inputs=inputs, outputs=outputs)}, **fields)

    @model_validator(mode="before")
    @classmethod
    def _read_single(cls, fields: Any) -> Any:
        """Cards were written without parts before there were models with several."""
        if not isinstance(fields, Mapping) or "parts" in fields:
            return fields
        interface = {name: fields[name] for name in ("inputs", "outputs") if name in fields}
        return {**{name: value for name, value in fields.items() if name not in interface}, "parts": {MODEL: interface}}

    @field_validator("parts")
    @classmethod
    def _check_names(cls, parts: dict[str, PartSpec]) -> dict[str, PartSpec]:
        for name in parts:
            if not re.fullmatch("[a-z][a-z0-9_]*", name):
                raise ValueError(f"{name!r} cannot name a part: use lower-case letters, digits and underscores")
        return parts


class Metric(Settings):
    """A test metric with its 95 % bootstrap interval (equal to the value where none was computed)."""

    value: float
    low: float
    high: float


class Cost(Settings):
    """What one answer costs on the machine that evaluated the model, at batch size 1."""

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
    metrics: dict[str, Metric]
    cost: dict[str, Cost]
    """Part → what it costs."""
    parity: dict[str, float]
    """Part → largest absolute difference between the framework's output and the ONNX file's."""
    parameters: int
    """Number of trainable parameters."""
    lineage: Lineage

    @property
    def total_cost(self) -> Cost:
        """The costs of all parts together. The sum of 95th percentiles is an upper bound of the sum's."""
        costs = self.cost.values()
        return Cost(
            latency_p50_ms=sum(cost.latency_p50_ms for cost in costs),
            latency_p95_ms=sum(cost.latency_p95_ms for cost in costs),
            size_mb=sum(cost.size_mb for cost in costs),
        )

    @property
    def largest_parity(self) -> float:
        """The largest difference of any part; NaN where one is NaN."""
        return max(self.parity.values(), key=lambda value: math.inf if math.isnan(value) else value)

    @field_validator("cost", mode="before")
    @classmethod
    def _read_single_cost(cls, cost: Any) -> Any:
        """Cards with one part were written with its cost alone."""
        return {MODEL: cost} if isinstance(cost, Mapping) and "size_mb" in cost else cost

    @field_validator("parity", mode="before")
    @classmethod
    def _read_single_parity(cls, parity: Any) -> Any:
        """Cards with one part were written with its parity alone."""
        return parity if isinstance(parity, Mapping) else {MODEL: parity}

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        for name in ("cost", "parity"):
            if getattr(self, name).keys() != self.spec.parts.keys():
                raise ValueError(
                    f"{name} has {', '.join(getattr(self, name))}, the parts are {', '.join(self.spec.parts)}"
                )
        return self

    def write(self, path: Path) -> None:
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls.model_validate_json(path.read_text(encoding="utf-8"))
