"""What a family of models offers to the lifecycle, and what it gets from it.

A family is a folder with four modules that the lifecycle calls; `pipelines.lifecycle.families` loads them when they are
needed, so that a run loads one training framework, and a run with nothing to do loads none.

`settings.py`
    One `FamilySettings`: everything in the family's parameter file. One `FamilyInputs`: the prepared data sets and
    pretrained networks that it learns from. Loads no training framework.

`training.py`: `train(inputs, settings, log, folder) -> None`
    Train to the end and leave the final checkpoint in `folder`. Goes on from the checkpoint found there; returns at
    once when training was finished. `log` is called once an epoch, with images where there is something to look at. It
    may raise (a pruned trial): the checkpoints in `folder` then stay good to resume from.

`export.py`: `export(inputs, settings, folder, target) -> ExportReport`
    Write the final checkpoint in `folder` as the ONNX file `target` and compare it with the framework's model. A model
    with several parts writes `<part>.onnx` for each of them beside `target` instead.

`evaluation.py`: `evaluate(inputs, model, spec, settings, **judges) -> Evaluation`
    Test results of the ONNX file; loads no training framework. A model with several parts gets each of them in an
    argument named after the part, instead of `model`. `spec` says what the model's outputs mean: when an older
    champion is evaluated on new data, its labels may differ from those of the data. A family with judges
    (`Family.judges`) gets each as a `Judge`, in an argument named after the judging family.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from atelier.data.prepared.dataset import Manifest, SplitName
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.registry.gate.settings import GateSettings
from atelier.settings import Settings
from pipelines.lifecycle.tuning import TuningSettings

NOT_IN_THE_MODEL = frozenset({"hardware", "evaluation", "gate", "tuning"})
"""Blocks of a family's parameters that do not change the model: where it is computed, how it is evaluated and tuned."""


class TrainingInput(Protocol):
    """What a model learns from: a prepared data set, or a pretrained network."""

    @property
    def folder(self) -> Path: ...

    @property
    def manifest(self) -> Manifest: ...


@dataclass(frozen=True)
class FamilyInputs:
    """Base of the data sets and pretrained networks of one family; each field is a `TrainingInput`.

    The name of a field is the name of the data set or network; its type says which of the two it is, see
    `pipelines.lifecycle.families`.
    """

    def named(self) -> dict[str, TrainingInput]:
        """Name → data set or network."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def manifests(self) -> dict[str, Manifest]:
        """Name → its manifest."""
        return {name: each.manifest for name, each in self.named().items()}

    def split_hashes(self, read: Mapping[str, tuple[SplitName, ...]], default: tuple[SplitName, ...]) -> dict[str, str]:
        """`<name>.<split>` → hash of its content, for the splits that are read.

        Parameters
        ----------
        read
            Data set → its splits, where they are not those of `default`.
        """
        hashes = {name: manifest.split_hashes for name, manifest in self.manifests().items()}
        return {f"{name}.{split}": hashes[name][split] for name in hashes for split in read.get(name, default)}


class MetricLog(Protocol):
    """Where `train` reports its progress."""

    def __call__(self, metrics: Mapping[str, float], epoch: int, images: Mapping[str, bytes] | None = None) -> None:
        """Metric → value at the end of this epoch, the first being 1, and what the results look like: name → PNG."""


@dataclass(frozen=True)
class Judge:
    """The champion of another family that an evaluation uses."""

    version: str
    """Registry version number."""
    model: OnnxModel
    spec: ModelSpec


class FamilySettings(Settings):
    """The blocks that the parameters of every family have; a family adds its own: `model`, `training` and so on."""

    evaluation_blocks: ClassVar[frozenset[str]] = frozenset({"evaluation"})
    """Blocks that must be equal for two results to compare. A family adds those that choose what is tested."""
    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {}
    """Block → its parameters that do not change the trained weights, such as how often a sheet is logged."""
    splits_of_model: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {}
    """Data set → the splits that training and export read, where these are not the training and validation split."""
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {}
    """Data set → the splits that the evaluation reads, where these are not the test split alone."""

    gate: GateSettings
    tuning: TuningSettings


class ExportReport(Settings):
    """What export says about the files it wrote."""

    spec: ModelSpec
    parameters: int
    """Number of trainable parameters."""
    parity: dict[str, float]
    """Part → largest absolute difference between the framework's outputs and the file's, on real items."""


def fingerprint(inputs: FamilyInputs, settings: FamilySettings) -> dict[str, Any]:
    """Everything that decides the result of a training, as JSON-able data. Checkpoints of another one are refused."""
    blocks = settings.model_dump(mode="json", exclude=set(NOT_IN_THE_MODEL))
    for block, names in settings.no_effect_on_training.items():
        blocks[block] = {name: value for name, value in blocks[block].items() if name not in names}
    return {"inputs": hashes_of_model(inputs, settings), "settings": blocks}


def hashes_of_model(inputs: FamilyInputs, settings: FamilySettings) -> dict[str, str]:
    """`<data set>.<split>` → hash, of everything that training and export read."""
    return inputs.split_hashes(settings.splits_of_model, ("train", "val"))
