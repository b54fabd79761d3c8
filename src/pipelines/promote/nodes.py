"""The gate and the way back, for any family."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console

from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.registry import promotion
from atelier.registry.models import Registry
from atelier.registry.status import standing
from pipelines.lifecycle import judges
from pipelines.lifecycle.contracts import Ingredient
from pipelines.lifecycle.families import family


def promote(name: str) -> Callable[..., dict[str, Any]]:
    """The node function of one family."""

    def promote_family(
        registry: Registry,
        settings: Any,
        after: Any,  # noqa: ARG001  only orders the steps
        **inputs: Any,
    ) -> dict[str, Any]:
        now = standing(registry, name)
        if now.settled and now.challenger is None:
            champion = f"v{now.champion.number} stays champion" if now.champion else "and no champion yet"
            Console().print(f"{name}: no challenger to gate, {champion}.")
            return now.verdict.as_json() if now.verdict else {}
        return _gate(registry, name, settings, family(name).pick_data(inputs))

    return promote_family


def rollback(name: str | None, registry: Registry) -> dict[str, Any]:
    """Make the predecessor of a family's champion champion again."""
    family(name)  # raises for an unknown name, and names the nearest ones
    done = promotion.rollback(registry, str(name))
    Console().print(done.table())
    return done.model_dump(mode="json")


def _gate(registry: Registry, name: str, parameters: Any, data: dict[str, Ingredient]) -> dict[str, Any]:
    found = family(name)
    settings = found.settings(parameters)
    asked = judges.champions(registry, name)

    def evaluate(parts: Mapping[str, OnnxModel], spec: ModelSpec) -> Evaluation:
        seated = judges.seat(registry, asked)
        return found.nodes().evaluate(**data, **parts, spec=spec, settings=settings, **seated)

    test_hash = judges.test_hash(data, asked, settings)
    verdict = promotion.challenge(registry, name, settings.gate, test_hash, evaluate)
    if verdict is None:  # what was left of an interrupted promotion is done now
        return {}
    Console().print(verdict.table())
    return verdict.as_json()
