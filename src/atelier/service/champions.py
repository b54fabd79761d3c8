"""The champions that this process serves, loaded from the BentoML model store and warmed up."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import bentoml
from bentoml.exceptions import NotFound

from atelier.model_card import MODEL, ModelCard
from atelier.onnx.example import small_inputs
from atelier.onnx.model import OnnxModel
from atelier.onnx.parts import open_parts, part_files
from atelier.service.http.errors import NoChampionError
from atelier.settings import Settings

logger = logging.getLogger(__name__)

LONG = {"spec": {"thumbnails"}}
WHAT_TO_DO = "Make one with: kedro run (make run); then start the service again."


class Champion:
    """One model ready to answer.

    Parameters
    ----------
    folder
        Holds `card.json` and the ONNX file of each part, such as `model.onnx`.
    """

    def __init__(self, folder: Path) -> None:
        self.card = ModelCard.read(folder / "card.json")
        self.parts = open_parts(part_files(folder, self.card.spec.parts))

    @property
    def model(self) -> OnnxModel:
        """The part of a model that has only one."""
        return self.parts[MODEL]

    @property
    def name(self) -> dict[str, str]:
        """The part of every answer that says who gave it."""
        return {"family": self.card.family, "version": self.card.version}

    def warm_up(self) -> None:
        """Answer once, so that the first request meets a model that works and allocated memory.

        A small item will do: the service starts when all have answered.
        """
        spec = self.card.spec
        for name, part in spec.parts.items():
            self.parts[name](**small_inputs(part, spec.typical_sizes))


class Champions:
    """The champions by family, and for the families without one the reason.

    Parameters
    ----------
    ready
        Family → its champion.
    absent
        Family → a sentence that says why it has none.
    """

    def __init__(self, ready: Mapping[str, Champion], absent: Mapping[str, str]) -> None:
        self._ready = dict(ready)
        self._absent = dict(absent)

    @classmethod
    def load(cls, families: Mapping[str, type[Settings]], find: Callable[[str], Path]) -> Self:
        """Load and warm up each family's model; one that is missing or broken does not stop the others.

        Parameters
        ----------
        families
            Family → the kind of preprocessing that its endpoint does; a card with another kind cannot be served.
        find
            Family → its champion's folder; `stored_model` for the BentoML model store.
        """
        ready: dict[str, Champion] = {}
        absent: dict[str, str] = {}
        for family, preprocessing in families.items():
            try:
                ready[family] = _load(find(family), preprocessing)
            except NotFound:
                absent[family] = f"{family} has no champion yet. {WHAT_TO_DO}"
            except NoChampionError as error:
                absent[family] = str(error)
            except Exception:
                # A broken model is the operator's problem (the log has it), not a reason to refuse the other families.
                logger.exception("The champion of %s cannot be loaded", family)
                absent[family] = f"The champion of {family} cannot be loaded; the service's log says why. {WHAT_TO_DO}"
        return cls(ready, absent)

    def __getitem__(self, family: str) -> Champion:
        if family not in self._ready:
            raise NoChampionError(self._absent.get(family, f"{family} is not served here."))
        return self._ready[family]

    def overview(self) -> list[dict[str, Any]]:
        """What `GET /models` tells: every family with its card, or the reason why it cannot answer.

        Without the cards' thumbnails, which `GET /styles` tells: they are much longer than all the rest.
        """
        ready = [
            {
                **champion.name,
                "ready": True,
                "reason": None,
                "card": champion.card.model_dump(mode="json", exclude=LONG),
            }
            for champion in self._ready.values()
        ]
        absent = [
            {"family": family, "version": None, "ready": False, "reason": reason, "card": None}
            for family, reason in self._absent.items()
        ]
        return ready + absent


def stored_model(family: str) -> Path:
    """Where the BentoML model store keeps a family's champion.

    By name: inside a bento the name is an alias of the pinned version, elsewhere it means the store's latest.

    Raises
    ------
    NotFound
        When the store has no model of this name.
    """
    return Path(bentoml.models.get(family).path)


def _load(folder: Path, preprocessing: type[Settings]) -> Champion:
    champion = Champion(folder)
    if not isinstance(champion.card.spec.preprocessing, preprocessing):
        raise NoChampionError(
            f"The champion of {champion.card.family} has no {preprocessing.__name__} in its card, so this service "
            f"cannot make its input. {WHAT_TO_DO}"
        )
    champion.warm_up()
    logger.info("Serving %s %s", champion.card.family, champion.card.version)
    return champion
