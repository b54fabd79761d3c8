"""What a family's `nodes.py` promises to the lifecycle.

Every family's module has three functions; the data arguments are named after the data sets it learns from, and after
its assets (`Family.assets`), such as `perceptual: Perceptual`:

    def train(<data>: PreparedData, settings, log: MetricLog, folder: Path) -> None
        Train to the end and leave the final checkpoint in `folder`. Goes on from what lies there; returns at once
        when training was finished. `log` is called once an epoch, with pictures where there is something to look at,
        and may raise (a pruned trial): what is in `folder` then stays good to resume from.

    def export(<data>, settings, folder: Path, target: Path) -> ExportReport
        Write the final checkpoint as an ONNX file, `target`, and compare it with the framework. A model with
        several parts leaves `<part>.onnx` for each of them beside `target` instead.

    def evaluate(<data>, model: OnnxModel, spec: ModelSpec, settings) -> Evaluation
        Test split, on the ONNX file; imports no training framework. A model with several parts is handed each of
        them in an argument named after the part, instead of `model`. `spec` says what the model's outputs mean:
        when an old champion is evaluated on new data, its labels may differ from the data's. A family with judges
        (`Family.judges`) is handed them as well, each a `Judge` in an argument named after the judging family.

The settings are one frozen model of everything in the family's parameter file, a `FamilySettings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from atelier.data.prepared.dataset import Manifest
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.registry.gate.settings import GateSettings
from atelier.settings import Settings
from pipelines.lifecycle.tuning import TuningSettings


class Ingredient(Protocol):
    """What a model is made from: prepared data, or an asset such as the perceptual network."""

    @property
    def folder(self) -> Path: ...

    @property
    def manifest(self) -> Manifest: ...


class MetricLog(Protocol):
    """What `train` tells of itself."""

    def __call__(self, metrics: Mapping[str, float], epoch: int, pictures: Mapping[str, bytes] | None = None) -> None:
        """Metric → value at the end of this epoch, and what its results look like: name → PNG bytes."""


@dataclass(frozen=True)
class Judge:
    """Another family's champion, asked by an evaluation for its opinion."""

    version: str
    """Registry version number."""
    model: OnnxModel
    spec: ModelSpec


class FamilySettings(Settings):
    """The blocks that every family's parameters have; a family adds its own, `model`, `training` and so on.

    Blocks named `hardware` and `evaluation` are taken to have no say in the model, see `pipelines.lifecycle.job`.
    Results compare only under the same `evaluation`.
    """

    tested: ClassVar[frozenset[str]] = frozenset({"evaluation"})
    """The blocks under which results compare; a family widens them where another one says what is tested, too."""

    gate: GateSettings
    tuning: TuningSettings


class ExportReport(Settings):
    """What export says about the files it wrote."""

    spec: ModelSpec
    parameters: int
    """Number of trainable parameters."""
    parity: dict[str, float]
    """Part → largest absolute difference between the framework's outputs and the file's, on real items."""
