"""Packaging: what the registry calls champion is what the next `bentoml serve` answers with."""

from pathlib import Path
from typing import Any

from rich.console import Console

from atelier.registry.models import Registry
from atelier.registry.status import standing
from pipelines.lifecycle.families import FAMILIES
from pipelines.package.bento import Bento
from pipelines.package.store import ModelStore

PROJECT = Path(__file__).parents[3]


def package(registry: Registry, **verdicts: Any) -> dict[str, Any]:  # noqa: ARG001  the verdicts only order the steps
    """Bring the BentoML store up to date; touches nothing that is up to date already.

    Returns
    -------
    The bento's tag, or None where no family has a champion, and the models' tags by family.
    """
    store = ModelStore()
    champions = {name: champion for name in FAMILIES if (champion := standing(registry, name).champion)}
    for name in FAMILIES.keys() - champions.keys():
        Console().print(f"{name}: no champion to package.")
    for champion in champions.values():
        store.bring(champion, registry)
    models = {name: store.tag(champion) for name, champion in champions.items()}
    if not models:
        return {"tag": None, "models": {}}
    bento = Bento(PROJECT, store.home, {name: (models[name], champions[name].run_id) for name in models})
    if not bento.current:
        bento.build()
        Console().print(
            f"Built {bento.tag} with {', '.join(models.values())}. Serve it with: bentoml serve {bento.tag}"
        )
    return {"tag": bento.tag, "models": models}
