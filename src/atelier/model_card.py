"""`card.json`: the description of a model, which accompanies it from training to the service.

This module needs only pydantic and numpy, because the service reads cards and must not load a training framework.
"""

import base64
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, field_validator, model_validator

from atelier.metric_names import with_current_names
from atelier.preprocessing.spec import Preprocessing
from atelier.settings import Settings

MODEL = "model"
"""Name of the only part of a model that is one ONNX file."""


class Tensor(Settings):
    """One input or output of an ONNX graph."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    """Size of each axis. A string is the name of a dynamic axis, such as `batch`."""
    range: tuple[float, float] | None = None
    unit: str = ""
    """The unit of its values: `grey level`, `probability`, `standard deviations`."""


class PartSpec(Settings):
    """The interface of one part of a model. A part is one ONNX file, `<name of the part>.onnx`."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


class Direction(Settings):
    """A direction in the latent space of a model of faces, along which one attribute changes."""

    attribute: str
    """Such as `age`; also the name in requests."""
    unit: str = ""
    """Of the attribute's values: `years`; empty for a ratio or a class."""
    mean: float
    """Of the attribute in the training data."""
    standard_deviation: float = Field(gt=0)
    range: tuple[float, float]
    """Edits that were measured to work, in standard deviations: from a negative number to a positive one."""
    vector: str
    """One standard deviation as a step in the latent space: float32 (layers, width), little-endian, in base64."""
    layers: int = Field(ge=1)

    @classmethod
    def of(cls, vector: NDArray[np.floating], **fields: Any) -> Self:
        """A direction with a vector (layers, width)."""
        content = base64.b64encode(np.ascontiguousarray(vector, "<f4").tobytes()).decode()
        return cls(vector=content, layers=len(vector), **fields)

    @property
    def array(self) -> NDArray[np.float32]:
        """The vector, (layers, width)."""
        return np.frombuffer(base64.b64decode(self.vector), "<f4").reshape(self.layers, -1).astype(np.float32)

    @field_validator("range")
    @classmethod
    def _holds_zero(cls, ends: tuple[float, float]) -> tuple[float, float]:
        if not ends[0] <= 0 <= ends[1]:
            raise ValueError(f"the range {ends} must hold 0, the face as it is")
        return ends


class ModelSpec(Settings):
    """The interface of a model: what export knows about it.

    Most models have one part, `model`. Others have several, such as an `encoder` and a `decoder`.
    """

    parts: dict[str, PartSpec] = Field(min_length=1)
    """Part → its interface. The name of a part is a file name and an argument: `encoder`, `decoder`."""
    preprocessing: Preprocessing | None = None
    labels: tuple[str, ...] = ()
    """Classes, styles or attributes, in the order of the output."""
    directions: tuple[Direction, ...] = ()
    """Of a model of faces: how each attribute is changed."""
    thumbnails: dict[str, str] = Field(default_factory=dict)
    """Label → a small image of it for people, as a `data:` URL."""
    unsure_below: float | None = Field(default=None, ge=-1, le=1)
    """Of a classifier: where its output `familiarity`, or without such an output the largest probability, is below
    this, no class fits. None where it was not measured. The metric `unsure` is the fraction of test items of known
    classes that are below it."""
    typical_sizes: dict[str, int] = Field(default_factory=dict)
    """Dynamic axis → its size when cost is measured. Axes that are not listed have size 1."""
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
    """A test metric with its 95 % bootstrap interval. Without an interval, both ends are equal to the value."""

    value: float
    low: float
    high: float


Metrics = Annotated[dict[str, Metric], BeforeValidator(with_current_names)]
"""Metric name → value. Names of earlier versions are replaced on reading, see `metric_names`."""


class Cost(Settings):
    """What one answer costs on the machine that evaluated the model, at batch size 1."""

    latency_p50_ms: float
    latency_p95_ms: float
    size_mb: float


class Adoption(Settings):
    """The origin of a model that was trained elsewhere."""

    sha256: str
    """Of the file as it came, see `onnx.model_files.model_digest`."""
    name: str
    """What the person who adopted it called it."""
    differences: tuple[str, ...]
    """Sentences about what differed from the family's models, and how it was adapted."""

    def sentence(self) -> str:
        return f"adopted from {self.sha256}, {self.name}"


class Lineage(Settings):
    """The origin of a model: run, code and data."""

    run_id: str
    experiment: str
    git_commit: str
    data: dict[str, str]
    """Prepared data set → content hash."""
    raw: dict[str, str]
    """Raw data set → DVC hash (md5 of the folder)."""
    sources: dict[str, str] = Field(default_factory=dict)
    """Data set → its kind of source: `sample` (generated by the project), `mirror` or `origin`."""
    licences: dict[str, str]
    generated: dict[str, str] = Field(default_factory=dict)
    """When it was also trained on generated items: role (`generator`, `filter`) → model version."""
    judges: dict[str, str] = Field(default_factory=dict)
    """Family → version of its champion that the evaluation used."""
    adopted: Adoption | None = None
    """Of a model that was trained elsewhere. Its code and data are unknown then."""
    created: str
    """Date and time, UTC, ISO 8601."""


class ModelCard(Settings):
    """Everything that a user of a model version needs to know."""

    family: str
    version: str = ""
    """Registry version; empty until registered."""
    spec: ModelSpec
    metrics: Metrics
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
        return cls.model_validate_json(path.read_text(encoding="utf-8"), extra="ignore")
