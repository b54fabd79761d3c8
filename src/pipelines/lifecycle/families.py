"""The list of families. It is the one place where a new family is added and where the code of a family is imported."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

from pydantic import ValidationError

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError, nearest
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.settings import Settings, problems
from pipelines.lifecycle.contracts import ExportReport, FamilyInputs, FamilySettings, TrainingInput

T = TypeVar("T")


@dataclass(frozen=True)
class Family:
    """A registered family. Its modules are described in `pipelines.lifecycle.contracts`."""

    package: str
    """Import path of its folder. Several families may share one: two generators with the same training step."""
    judges: tuple[str, ...] = ()
    """Other families whose champions its evaluation uses; see `pipelines.lifecycle.judges`."""

    @property
    def train(self) -> Callable[..., None]:
        function: Callable[..., None] = self.module("training").train
        return function

    @property
    def export(self) -> Callable[..., ExportReport]:
        function: Callable[..., ExportReport] = self.module("export").export
        return function

    def contract(self, inputs: FamilyInputs, settings: FamilySettings) -> ModelSpec | None:
        """The interface of its models, for `adopt`; None for a family that adopts none."""
        function: Callable[..., ModelSpec] | None = getattr(self.module("export"), "contract", None)
        return function(inputs, settings) if function else None

    @property
    def evaluate(self) -> Callable[..., Evaluation]:
        function: Callable[..., Evaluation] = self.module("evaluation").evaluate
        return function

    @property
    def settings_type(self) -> type[FamilySettings]:
        """The type that validates its parameter file."""
        return _only_subclass(self.module("settings"), FamilySettings)

    @property
    def inputs_type(self) -> type[FamilyInputs]:
        return _only_subclass(self.module("settings"), FamilyInputs)

    @property
    def input_types(self) -> dict[str, type[TrainingInput]]:
        """Data set or pretrained network → its type."""
        hints = get_type_hints(self.inputs_type)
        return {field.name: hints[field.name] for field in fields(self.inputs_type)}

    @property
    def data(self) -> tuple[str, ...]:
        """The prepared data sets among its inputs."""
        return tuple(name for name, kind in self.input_types.items() if kind is PreparedData)

    @property
    def catalog_entries(self) -> dict[str, str]:
        """Data set or pretrained network → its entry in the catalog."""
        return {name: f"{name}_prepared" if name in self.data else name for name in self.input_types}

    def inputs(self, available: Mapping[str, Any]) -> FamilyInputs:
        """Select its inputs from those that are available, by name."""
        return self.inputs_type(**{name: available[name] for name in self.input_types})

    def open_inputs(self, folders: Mapping[str, Path]) -> FamilyInputs:
        """Open its inputs from their folders, for processes without a catalog."""
        opened: dict[str, Any] = {name: kind(folders[name]) for name, kind in self.input_types.items()}  # type: ignore[call-arg]
        return self.inputs_type(**opened)

    def settings(self, parameters: dict[str, Any] | Settings) -> FamilySettings:
        """Validate the family's parameters.

        Raises
        ------
        BadInputError
            When a parameter is missing, unknown or not allowed; the message names family, path and reason.
        """
        try:
            return self.settings_type.model_validate(parameters)
        except ValidationError as error:
            name = next((name for name, entry in FAMILIES.items() if entry is self), self.package)
            raise BadInputError(f"The parameters of {name} are not valid. {problems(error)}.") from error

    def module(self, name: str) -> ModuleType:
        """Import one of its modules."""
        with _quiet_import():
            return import_module(f"{self.package}.{name}")


FAMILIES: dict[str, Family] = {
    "quickdraw_classifier": Family("pipelines.families.quickdraw_classifier"),
    "quickdraw_gan": Family("pipelines.families.quickdraw_gan", judges=("quickdraw_classifier",)),
    "fast_style": Family("pipelines.families.fast_style"),
    "arbitrary_style": Family("pipelines.families.arbitrary_style"),
    "cyclegan_resnet": Family("pipelines.families.cyclegan"),
    "cyclegan_unet": Family("pipelines.families.cyclegan"),
    "photo_classifier": Family("pipelines.families.photo_classifier"),
    "psp": Family("pipelines.families.psp"),
}


def family(name: str | None) -> Family:
    """Look a family up by its registered name.

    Raises
    ------
    BadInputError
        When there is no such family; the message names the nearest ones.
    """
    if name in FAMILIES:
        return FAMILIES[name]
    near = nearest(name or "", FAMILIES)
    raise BadInputError(f"There is no family {name!r}. Name one with --params family=…, for example {near}.")


def families_of(name: str) -> list[str]:
    """The families that need a data set, a pretrained network or a judge: their runs include the nodes that make it."""
    direct = [each for each, found in FAMILIES.items() if name == each or name in (*found.input_types, *found.judges)]
    return sorted({*direct, *(each for other in direct if other != name for each in families_of(other))})


def all_catalog_entries() -> dict[str, str]:
    """Data set or pretrained network that any family learns from → its entry in the catalog."""
    return {name: entry for each in FAMILIES.values() for name, entry in sorted(each.catalog_entries.items())}


def _only_subclass(module: ModuleType, base: type[T]) -> type[T]:
    """The one subclass of `base` that a module defines."""
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise TypeError(f"{module.__name__} must define one {base.__name__}, but defines {len(own)}.")
    return own[0]


@contextmanager
def _quiet_import() -> Iterator[None]:
    """Hide what a framework prints while it is imported.

    TensorFlow writes to the file descriptor, before it reads any settings.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # hides later messages, unless the user has set it
    stderr, devnull = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(devnull)
