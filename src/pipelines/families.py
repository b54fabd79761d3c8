"""The families of models: the one place where a new family is entered."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Protocol, cast, get_type_hints

from atelier.errors import BadInputError
from atelier.evaluation.result import Evaluation
from atelier.settings import Settings
from pipelines.contracts import Exported


class FamilyNodes(Protocol):
    """What `pipelines/<package>/nodes.py` of every family offers; `pipelines.contracts` says what each does."""

    train: Callable[..., None]
    export: Callable[..., Exported]
    evaluate: Callable[..., Evaluation]


@dataclass(frozen=True)
class Family:
    """Where a registered model's code is and which prepared data sets it learns from."""

    package: str
    """Folder under `src/pipelines/`; several families may share one (two generators, one training step)."""
    data: tuple[str, ...]

    def nodes(self) -> FamilyNodes:
        return cast(FamilyNodes, import_module(f"pipelines.{self.package}.nodes"))

    def settings(self, parameters: dict[str, Any] | Settings) -> Any:
        """The family's parameters as its own settings type: that of its `train`."""
        return get_type_hints(self.nodes().train)["settings"].model_validate(parameters)


FAMILIES: dict[str, Family] = {
    "quickdraw_classifier": Family("quickdraw_classifier", data=("quickdraw",)),
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
    near = get_close_matches(name or "", FAMILIES, n=3) or sorted(FAMILIES)
    raise BadInputError(f"There is no family {name!r}. Name one with --params family=…, for example {', '.join(near)}.")
