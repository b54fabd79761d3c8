"""A model with several parts on its whole way: registry, gate, model store, service, and back."""

from pathlib import Path

import numpy as np
import pytest

from atelier.preprocessing.spec import DrawingInput
from atelier.registry.models import Registry
from atelier.registry.rollback import roll_back
from atelier.service.champions import Champion, Champions
from atelier.service.http.errors import NoChampionError
from pipelines.package.store import ModelStore
from tests.helpers.registries import FAMILY, add_challenger, gate_version

PARTS = ("encoder", "decoder")


@pytest.fixture
def promoted(registry: Registry, tmp_path: Path) -> Registry:
    """v1 and then v2, each with two parts, were promoted."""
    for number, right in ((1, 100), (2, 130)):
        add_challenger(registry, tmp_path, f"v{number}", right, parts=PARTS)
        assert gate_version(registry, number).promote
    return registry


def served(registry: Registry, store: ModelStore) -> Champion:
    """Package the champion and load it as the service does."""
    champion = registry.get(FAMILY, "champion")
    assert champion is not None
    store.update(champion)
    models = store.home / "models" / FAMILY
    folder = models / (models / "latest").read_text().strip()
    assert sorted(path.name for path in folder.glob("*.onnx")) == ["decoder.onnx", "encoder.onnx"]
    return Champions.load({FAMILY: DrawingInput}, lambda _: folder)[FAMILY]


def factors(champion: Champion) -> dict[str, float]:
    x = np.ones((1, 1), np.float32)
    return {name: part(x=x)["y"].item() for name, part in champion.parts.items()}


def test_the_champion_s_parts_are_served_and_a_rollback_brings_back_those_before(
    promoted: Registry, store: ModelStore
) -> None:
    second = served(promoted, store)
    assert second.name == {"family": FAMILY, "version": "2"}
    assert factors(second) == {"encoder": 130, "decoder": 131}
    roll_back(promoted, FAMILY)
    first = served(promoted, store)
    assert first.name == {"family": FAMILY, "version": "1"}
    assert factors(first) == {"encoder": 100, "decoder": 101}


def test_a_champion_without_one_of_its_parts_is_not_served(promoted: Registry, store: ModelStore) -> None:
    served(promoted, store)
    folder = store.home / "models" / store.tag(promoted.version(FAMILY, 2)).replace(":", "/")
    (folder / "decoder.onnx").unlink()
    with pytest.raises(NoChampionError, match="cannot be loaded"):
        Champions.load({FAMILY: DrawingInput}, lambda _: folder)[FAMILY]
