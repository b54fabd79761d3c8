"""Packaging: the registry's champions become the models of the next `bentoml serve`."""

from pathlib import Path
from typing import Any

from rich.console import Console

from atelier.registry.models import Registry
from atelier.registry.status import status
from pipelines.lifecycle.families import FAMILIES
from pipelines.package.bento import Bento
from pipelines.package.store import ModelStore

PROJECT = Path(__file__).parents[3]


def package(registry: Registry, **verdicts: Any) -> dict[str, Any]:  # noqa: ARG001  only orders the steps
    """Update the BentoML store. Models and bentos that are up to date are not written again.

    Returns
    -------
    dict
        `tag`: the bento's, or None when no family has a champion. `models`: family → the tag of its model.
    """
    store = ModelStore(registry)
    found = {name: status(registry, name) for name in FAMILIES}
    champions = {name: each.champion for name, each in found.items() if each.champion}
    for name in FAMILIES.keys() - champions.keys():
        Console().print(f"{name}: no champion to package.")
    for champion in champions.values():
        store.update(champion)
        store.write_history(champion, found[champion.family].history)
    models = {name: store.tag(champion) for name, champion in champions.items()}
    if not models:
        return {"tag": None, "models": {}}
    bento = Bento(
        PROJECT, registry.name("atelier"), store.home, {name: (models[name], champions[name].run_id) for name in models}
    )
    current = bento.current
    if not current:
        bento.build()
    Console().print(
        f"{'Up to date:' if current else 'Built'} {bento.tag} with {', '.join(models.values())}. "
        f"Serve it with: bentoml serve {bento.tag}"
    )
    return {"tag": bento.tag, "models": models}
