"""What a family of models offers to the lifecycle, and what it gets from it.

A family is a folder with four modules that the lifecycle uses. `pipelines.lifecycle.families` imports them when they
are needed: a run of one family loads one training framework, and a run with nothing to do loads none.

`settings.py`
    One subclass of `FamilySettings`: everything in the family's parameter file. One subclass of `FamilyInputs`: the
    prepared data sets and pretrained networks that it learns from. Imports no training framework.

`training.py`: `train(inputs, settings, log, folder) -> None`
    Train and leave the final checkpoint in `folder`. Training resumes from the last checkpoint in `folder`, and returns
    at once when it was finished before. `log` is called once per epoch, with images of the results from time to time.
    It may raise an exception (a pruned trial): training can then be resumed from the checkpoints in `folder`.

`export.py`: `export(inputs, settings, folder, target) -> ExportReport`
    Write the model of the final checkpoint in `folder` to the ONNX file `target`, and compare both. A model with
    several parts writes `<part>.onnx` for each of them into the folder of `target` instead. A family of classifiers, or
    of networks that turn images into images, may also have `contract(inputs, settings) -> ModelSpec`, the interface of
    its models without a checkpoint: then models that were trained elsewhere can join it (`pipelines.adopt`).

`evaluation.py`: `evaluate(inputs, model, spec, settings, **judges) -> Evaluation`
    Evaluate the ONNX file on the test split. Imports no training framework. A model with several parts gets each of
    them in an argument named after the part, instead of `model`. `spec` describes the model's outputs: when an older
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
"""Blocks of a family's parameters that do not change the trained model."""


class TrainingInput(Protocol):
    """What a model learns from: a prepared data set, or a pretrained network."""

    @property
    def folder(self) -> Path: ...

    @property
    def manifest(self) -> Manifest: ...


@dataclass(frozen=True)
class FamilyInputs:
    """Base of the data sets and pretrained networks of one family; each field is a `TrainingInput`.

    The name of a field is the name of the data set or network. Its type tells which of the two it is: a data set is a
    `PreparedData`.
    """

    def named(self) -> dict[str, TrainingInput]:
        """Name → data set or network."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def manifests(self) -> dict[str, Manifest]:
        """Name → manifest."""
        return {name: each.manifest for name, each in self.named().items()}

    def split_hashes(self, read: Mapping[str, tuple[SplitName, ...]], default: tuple[SplitName, ...]) -> dict[str, str]:
        """`<name>.<split>` → hash of the content, for the splits that are read.

        Parameters
        ----------
        read
            Data set → splits that are read. For other data sets these are the splits in `default`.
        """
        hashes = {name: manifest.split_hashes for name, manifest in self.manifests().items()}
        return {f"{name}.{split}": hashes[name][split] for name in hashes for split in read.get(name, default)}


class MetricLog(Protocol):
    """The function that `train` calls to report its progress."""

    def __call__(self, metrics: Mapping[str, float], epoch: int, images: Mapping[str, bytes] | None = None) -> None:
        """Log one epoch.

        Parameters
        ----------
        metrics
            Metric → value at the end of the epoch.
        epoch
            The first epoch is 1.
        images
            Name → PNG file with examples of the results.
        """


@dataclass(frozen=True)
class Judge:
    """The champion of another family that an evaluation uses."""

    version: str
    """Registry version number."""
    model: OnnxModel
    spec: ModelSpec


class FamilySettings(Settings):
    """The blocks of parameters that every family has. A family adds its own: `model`, `training` and so on."""

    evaluation_blocks: ClassVar[frozenset[str]] = frozenset({"evaluation"})
    """Blocks that must be equal for two results to be comparable. A family adds the blocks that select the test
    items."""
    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {}
    """Block → its parameters that do not change the trained weights, such as how often a sheet is logged."""
    splits_of_model: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {}
    """Data set → splits that training and export read. For other data sets: the training and the validation split."""
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {}
    """Data set → splits that the evaluation reads. For other data sets: the test split."""

    gate: GateSettings
    tuning: TuningSettings


class ExportReport(Settings):
    """Description of the files that export wrote."""

    spec: ModelSpec
    parameters: int
    """Number of trainable parameters."""
    parity: dict[str, float]
    """Part → largest absolute difference between the outputs of the network and of its file, on real items."""


def fingerprint(inputs: FamilyInputs, settings: FamilySettings) -> dict[str, Any]:
    """Everything that determines the result of a training, as JSON-able data.

    Checkpoints are stored with it. A checkpoint with another fingerprint is refused.
    """
    blocks = settings.model_dump(mode="json", exclude=set(NOT_IN_THE_MODEL))
    for block, names in settings.no_effect_on_training.items():
        blocks[block] = {name: value for name, value in blocks[block].items() if name not in names}
    return {"inputs": hashes_of_model(inputs, settings), "settings": blocks}


def hashes_of_model(inputs: FamilyInputs, settings: FamilySettings) -> dict[str, str]:
    """`<data set>.<split>` → hash of the content, for all splits that training and export read."""
    return inputs.split_hashes(settings.splits_of_model, ("train", "val"))
