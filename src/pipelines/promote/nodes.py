"""The gate and the rollback, for any family."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from atelier.data.ingest.redraw import drawn_as
from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.spec import DrawingInput, PhotoInput
from atelier.registry.models import Registry
from atelier.registry.promotion import run_gate
from atelier.registry.rollback import roll_back
from atelier.registry.status import status
from pipelines.lifecycle import judges
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.lifecycle.families import family

log = logging.getLogger(__name__)


def promote(name: str) -> Callable[..., dict[str, Any]]:
    """The node function of one family."""

    def promote_family(
        registry: Registry,
        settings: Any,
        after: Any,  # noqa: ARG001  only orders the steps
        **available: Any,
    ) -> dict[str, Any]:
        found = status(registry, name)
        if found.challenger is None and not found.pending:
            champion = f"v{found.champion.number} stays champion" if found.champion else "and no champion yet"
            Console().print(f"{name}: no challenger to gate, {champion}.")
            return found.verdict.as_json() if found.verdict else {}
        raw = {each: available[f"{each}_raw"] for each in family(name).data}
        return _run_gate(registry, name, settings, family(name).inputs(available), raw)

    return promote_family


def rollback(name: str | None, reason: str | None, registry: Registry) -> dict[str, Any]:
    """Make the predecessor of a family's champion champion again. The reason is kept in the history.

    Raises
    ------
    BadInputError
        When there is no such family; the message names the nearest ones.
    AtelierError
        When there is no champion, or nothing to go back to.
    """
    family(name)
    record = roll_back(registry, str(name), str(reason or ""))
    Console().print(record.table())
    return record.model_dump(mode="json")


def _run_gate(
    registry: Registry, name: str, parameters: Any, inputs: FamilyInputs, raw: Mapping[str, Path]
) -> dict[str, Any]:
    found = family(name)
    settings = found.settings(parameters)
    champions = judges.champions(registry, name)

    def evaluate(parts: Mapping[str, OnnxModel], spec: ModelSpec) -> Evaluation:
        loaded = judges.load_judges(registry, champions)
        with _with_preprocessing_of(spec, inputs, settings, raw) as own:
            return found.evaluate(own, **parts, spec=spec, settings=settings, **loaded)

    test_hash = judges.test_hash(name, inputs, champions, settings)
    verdict = run_gate(registry, name, settings.gate, test_hash, evaluate)
    if verdict is None:  # only an interrupted promotion or rollback was completed
        return {}
    Console().print(verdict.table())
    return verdict.as_json()


@contextmanager
def _with_preprocessing_of(
    spec: ModelSpec, inputs: FamilyInputs, settings: FamilySettings, raw: Mapping[str, Path]
) -> Iterator[FamilyInputs]:
    """The inputs with drawings as the card of a model describes them: an older champion may differ from the data."""
    drawings = {
        name: data
        for name, data in inputs.named().items()
        if isinstance(data, PreparedData)
        and isinstance(data.manifest.preprocessing, DrawingInput)
        and data.manifest.preprocessing != spec.preprocessing
    }
    if not isinstance(spec.preprocessing, DrawingInput) or not drawings:
        _warn_of_other_photos(spec, inputs)
        yield inputs
        return
    with TemporaryDirectory() as temporary:
        own = {}
        for name, data in drawings.items():
            folder = Path(temporary, name)
            folder.mkdir()
            splits = settings.splits_of_evaluation.get(name, ("test",))
            own[name] = drawn_as(spec.preprocessing, data, raw[name], splits, folder)
        yield replace(inputs, **own)


def _warn_of_other_photos(spec: ModelSpec, inputs: FamilyInputs) -> None:
    """Photos cannot be prepared again for one model: which are near duplicates depends on the preparation."""
    wanted = spec.preprocessing
    for name, data in inputs.named().items():
        found = data.manifest.preprocessing if isinstance(data, PreparedData) and data.manifest.labels else None
        if isinstance(wanted, PhotoInput) and wanted.size and isinstance(found, PhotoInput) and found != wanted:
            log.warning(
                "A model was made for photos of %s by %s pixels (fit: %s). It is evaluated on today's %s, %s by %s "
                "pixels (fit: %s), on which it may be worse than in the service.",
                *(*wanted.size, wanted.fit, name, *(found.size or ("any", "any")), found.fit),
            )
