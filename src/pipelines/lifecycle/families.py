"""The families of models: the one place where a new family is entered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast, get_type_hints

from pydantic import ValidationError

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError, nearest
from atelier.evaluation.results import Evaluation
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.settings import Settings, problems
from pipelines.lifecycle.contracts import ExportReport, FamilySettings, Ingredient


class FamilyNodes(Protocol):
    """What `nodes.py` of every family offers; `pipelines.lifecycle.contracts` says what each does."""

    train: Callable[..., None]
    export: Callable[..., ExportReport]
    evaluate: Callable[..., Evaluation]


@dataclass(frozen=True)
class Family:
    """Where a registered model's code is and which prepared data sets it learns from."""

    package: str
    """Folder under `src/pipelines/`; several families may share one (two generators, one training step)."""
    data: tuple[str, ...]
    judges: tuple[str, ...] = ()
    """Other families whose champions its evaluation asks; see `pipelines.lifecycle.judges`."""
    assets: tuple[str, ...] = ()
    """What it learns through besides data: of `ASSETS`."""

    @property
    def ingredients(self) -> dict[str, str]:
        """Data set or asset → its entry in the catalog."""
        return {name: f"{name}.prepared" for name in self.data} | {name: name for name in self.assets}

    def pick_data(self, inputs: Mapping[str, Any]) -> dict[str, Ingredient]:
        """The data sets and assets among the inputs of one of its nodes."""
        return {name: inputs[name] for name in self.ingredients}

    def nodes(self) -> FamilyNodes:
        return cast(FamilyNodes, import_module(f"pipelines.families.{self.package}.nodes"))

    def settings(self, parameters: dict[str, Any] | Settings) -> FamilySettings:
        """The family's parameters as its own settings type: that of its `train`.

        Raises
        ------
        BadInputError
            When a parameter is missing, unknown or not allowed; the message names family, path and reason.
        """
        kind: type[FamilySettings] = get_type_hints(self.nodes().train)["settings"]
        try:
            return kind.model_validate(parameters)
        except ValidationError as error:
            name = next((name for name, entered in FAMILIES.items() if entered is self), self.package)
            raise BadInputError(f"The parameters of {name} are not valid. {problems(error)}.") from error


FAMILIES: dict[str, Family] = {
    "quickdraw_classifier": Family("quickdraw_classifier", data=("quickdraw",)),
    "quickdraw_gan": Family("quickdraw_gan", data=("quickdraw",), judges=("quickdraw_classifier",)),
    "fast_style": Family("fast_style", data=("coco", "van_gogh"), assets=("perceptual",)),
    "arbitrary_style": Family("arbitrary_style", data=("coco", "landscapes", "van_gogh"), assets=("perceptual",)),
}


ASSETS: dict[str, Callable[[Path], Ingredient]] = {"perceptual": Perceptual}


def open_ingredient(name: str, folder: Path) -> Ingredient:
    """A data set or an asset from its folder, for processes that have no catalog."""
    return ASSETS.get(name, PreparedData)(folder)


def all_ingredients() -> dict[str, str]:
    """Data set or asset that any family learns from → its entry in the catalog."""
    return {name: entry for each in FAMILIES.values() for name, entry in sorted(each.ingredients.items())}


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
