"""The champions that this process serves. They are loaded from the BentoML model store and warmed up."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import bentoml
from bentoml.exceptions import NotFound

from atelier.champion_history import FILE, History, Period
from atelier.model_card import MODEL, ModelCard
from atelier.onnx.example import small_inputs
from atelier.onnx.model import OnnxModel
from atelier.onnx.parts import open_parts, part_files
from atelier.service.http.errors import NoChampionError
from atelier.settings import Settings

logger = logging.getLogger(__name__)

WHAT_TO_DO = "Train one with: kedro run (make run); then restart the service."
BRING_ANEW = "Bring it anew with: kedro run --pipelines package; then restart the service."


class Champion:
    """A model that is ready to answer requests.

    Parameters
    ----------
    folder
        Contains `card.json`, the ONNX file of each part, such as `model.onnx`, and `history.json`.
    """

    def __init__(self, folder: Path) -> None:
        self.card = ModelCard.read(folder / "card.json")
        self.parts = open_parts(part_files(folder, self.card.spec.parts))
        self.history = _read_history(folder)

    @property
    def model(self) -> OnnxModel:
        """The part of a model that has only one."""
        return self.parts[MODEL]

    @property
    def name(self) -> dict[str, str]:
        """Family and version, which are part of every response."""
        return {"family": self.card.family, "version": self.card.version}

    def warm_up(self) -> None:
        """Compute one small example, which shows that the model works and allocates its memory.

        The example is small because the service starts only after all models are warmed up. A photo of typical size
        would take seconds.
        """
        spec = self.card.spec
        for name, part in spec.parts.items():
            self.parts[name](**small_inputs(part, spec.typical_sizes))


class Champions:
    """The champion of each family, or the reason why the family has none.

    Parameters
    ----------
    ready
        Family → its champion.
    missing
        Family → the reason why it has no champion, for people.
    """

    def __init__(self, ready: Mapping[str, Champion], missing: Mapping[str, str]) -> None:
        self.ready = dict(ready)
        self.missing = dict(missing)

    @classmethod
    def load(cls, families: Mapping[str, type[Settings]], find: Callable[[str], Path]) -> Self:
        """Load and warm up the champion of each family. One that is missing or broken does not affect the others.

        Parameters
        ----------
        families
            Family → the kind of preprocessing that its endpoint does. Models with another kind are not served.
        find
            Family → the folder of its champion, such as `stored_model` for the BentoML model store.
        """
        ready: dict[str, Champion] = {}
        missing: dict[str, str] = {}
        for family, preprocessing in families.items():
            try:
                ready[family] = _load(find(family), preprocessing)
            except NotFound:
                missing[family] = f"{family} has no champion yet. {WHAT_TO_DO}"
            except NoChampionError as error:
                missing[family] = str(error)
            except Exception:
                # The other families are served all the same.
                logger.exception("The champion of %s cannot be loaded", family)
                missing[family] = f"The champion of {family} cannot be loaded. The service's log says why. {BRING_ANEW}"
        return cls(ready, missing)

    def __getitem__(self, family: str) -> Champion:
        """The champion of a family.

        Raises
        ------
        NoChampionError
            If the family has none.
        """
        if family not in self.ready:
            raise NoChampionError(self.missing.get(family, f"{family} is not served here."))
        return self.ready[family]

    def labels(self, family: str) -> tuple[str, ...]:
        """The labels of a family's champion; none if it has no champion."""
        return self.ready[family].card.spec.labels if family in self.ready else ()


def stored_model(family: str) -> Path:
    """The folder of a family's champion in the BentoML model store.

    The model is found by its name. Inside a bento the name stands for the packaged version, elsewhere for the latest
    version in the store.

    Raises
    ------
    NotFound
        If the store has no model of this name.
    """
    return Path(bentoml.models.get(family).path)


def _read_history(folder: Path) -> tuple[Period, ...]:
    """Who was champion when, at the time of packaging; empty for a model that was packaged without it."""
    path = folder / FILE
    try:
        return History.read(path).periods() if path.exists() else ()
    except ValueError:
        logger.exception("%s cannot be read; the model is served without its history", path)
        return ()


def _load(folder: Path, preprocessing: type[Settings]) -> Champion:
    """Load and warm up the model in a folder.

    Raises
    ------
    NoChampionError
        If its card has another kind of preprocessing.
    """
    champion = Champion(folder)
    if not isinstance(champion.card.spec.preprocessing, preprocessing):
        raise NoChampionError(
            f"The champion of {champion.card.family} has no {preprocessing.__name__} in its card, so this service "
            f"cannot prepare its input. {WHAT_TO_DO}"
        )
    champion.warm_up()
    logger.info("Serving %s %s", champion.card.family, champion.card.version)
    return champion
