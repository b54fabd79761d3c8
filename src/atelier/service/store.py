"""The champions that this process serves, loaded from the BentoML model store and warmed up."""

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import bentoml
import numpy as np
from bentoml.exceptions import NotFound

from atelier.card import ModelCard, Tensor
from atelier.onnx.model import OnnxModel
from atelier.service.refusals import NoChampionError

logger = logging.getLogger(__name__)

WHAT_TO_DO = "Make one with: kedro run --pipelines promote,package; then start the service again."


class Champion:
    """One model ready to answer.

    Parameters
    ----------
    folder
        Holds `model.onnx` and `card.json`.
    """

    def __init__(self, folder: Path) -> None:
        self.card = ModelCard.read(folder / "card.json")
        self.model = OnnxModel(folder / "model.onnx", threads=1)

    @property
    def name(self) -> dict[str, str]:
        """The part of every answer that says who gave it."""
        return {"family": self.card.family, "version": self.card.version}

    def warm_up(self) -> None:
        """Answer zeros once, so that the first request meets allocated memory."""
        self.model(**{tensor.name: np.zeros(_smallest(tensor), tensor.dtype) for tensor in self.card.spec.inputs})


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
    def load(cls, families: Iterable[str], find: Callable[[str], Path]) -> Self:
        """Load and warm up each family's model; one that is missing or broken does not stop the others.

        Parameters
        ----------
        find
            Family → its champion's folder; `stored_model` for the BentoML model store.
        """
        ready: dict[str, Champion] = {}
        absent: dict[str, str] = {}
        for family in families:
            try:
                ready[family] = _load(find(family))
            except NotFound:
                absent[family] = f"{family} has no champion yet. {WHAT_TO_DO}"
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
        """What `GET /models` tells: every family with its card, or the reason why it cannot answer."""
        ready = [
            {**champion.name, "ready": True, "reason": None, "card": champion.card.model_dump(mode="json")}
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


def _load(folder: Path) -> Champion:
    champion = Champion(folder)
    champion.warm_up()
    logger.info("Serving %s %s", champion.card.family, champion.card.version)
    return champion


def _smallest(tensor: Tensor) -> tuple[int, ...]:
    """A shape that the model takes: one item, and 64 wherever a further axis is free."""
    batch, *rest = tensor.shape
    return (batch if isinstance(batch, int) else 1, *(size if isinstance(size, int) else 64 for size in rest))
