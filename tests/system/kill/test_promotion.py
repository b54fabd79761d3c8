"""SIGKILL after each single write to the registry, in a process of its own."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from atelier.onnx.model import OnnxModel
from atelier.registry import history
from atelier.registry.models import Registry
from atelier.registry.status import status
from tests.helpers import killed_registry
from tests.helpers.registries import (
    CORRECT,
    FAMILY,
    TEST_HASH,
    clear_artifact_cache,
    gate_version,
    registry_with_versions,
)

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v2 is champion, v1 is its predecessor, and v3, which is better, is challenger."""
    folder = tmp_path_factory.mktemp("prepared")
    registry = registry_with_versions(folder)
    gate_version(registry, 1)
    gate_version(registry, 2)
    registry.set_alias(registry.version(FAMILY, 3), "challenger")
    return folder


def checked_registry(folder: Path) -> Registry:
    """The registry, after a check that there is one champion, of which everything can be read."""
    clear_artifact_cache()
    registry = Registry(f"sqlite:///{folder / 'mlflow.db'}")
    champion = registry.get(FAMILY, "champion")
    assert champion is not None
    assert registry.card(champion).version == str(champion.number)
    assert registry.evaluation(champion, TEST_HASH) is not None
    assert OnnxModel(registry.onnx(champion)["model"])(x=np.ones((1, 1), np.float32))["y"] == CORRECT[champion.number]
    return registry


def side_by_side(registry: Registry) -> bytes:
    """The image of both models, in the challenger's run."""
    challenger = registry.version(FAMILY, 3)
    path = registry.client.download_artifacts(challenger.run_id, "beside_champion_v2/sheet.png")
    return Path(path).read_bytes()


def check_history(registry: Registry, *kinds: str) -> None:
    """The log has each change once, explains the champion, and agrees with the alias."""
    found = status(registry, FAMILY).history
    assert [change.kind for change in found.changes] == list(kinds)
    assert [change.number for change in found.changes] == list(range(1, len(kinds) + 1))
    assert [change.before for change in found.changes[1:]] == [change.champion for change in found.changes[:-1]]
    assert found.champion == champion_of(registry)


def champion_of(registry: Registry) -> int:
    return registry.aliases(FAMILY)["champion"]


# With changed items, both models are evaluated first, which writes six files. The writes after these are the same.
@pytest.mark.parametrize(
    ("test_hash", "last", "seen"), [(TEST_HASH, 20, {2, 3}), ("n" * 64, 6, {2})], ids=["same-items", "items-changed"]
)
def test_promotion_killed_after_any_write_leaves_one_champion_and_can_be_completed(
    prepared, tmp_path, test_hash, last, seen
):
    champions = []
    for writes in range(1, last + 1):
        folder = shutil.copytree(prepared, tmp_path / str(writes))
        if not killed_registry.run(folder, "promote", test_hash, writes):
            break
        registry = checked_registry(folder)
        champions.append(champion_of(registry))
        assert status(registry, FAMILY).history.champion == champions[-1]
        assert not killed_registry.run(folder, "promote", test_hash)
        registry = checked_registry(folder)
        assert registry.aliases(FAMILY) == {"champion": 3, "previous": 2}
        assert registry.version(FAMILY, 3).verdict().champion == "2"
        assert side_by_side(registry)
        check_history(registry, "promotion", "promotion", "promotion")
    # One write moves the champion: some kills came before it, some after.
    assert champions == sorted(champions)
    assert set(champions) == seen


def test_rollback_killed_after_any_write_leaves_one_champion_and_goes_back_one_only(prepared, tmp_path):
    champions = []
    for writes in range(1, 20):
        folder = shutil.copytree(prepared, tmp_path / str(writes))
        if not killed_registry.run(folder, "rollback", TEST_HASH, writes):
            break
        registry = checked_registry(folder)
        champions.append(champion_of(registry))
        assert status(registry, FAMILY).history.champion == champions[-1]
        if champions[-1] == 1 and history.PENDING not in registry.family_tags(FAMILY):
            break  # killed after the last write: the rollback is complete, so calling it again would be another one
        assert not killed_registry.run(folder, "rollback", TEST_HASH)
        assert checked_registry(folder).aliases(FAMILY) == {"champion": 1, "challenger": 3}
        check_history(registry, "promotion", "promotion", "rollback")
        assert status(registry, FAMILY).history.changes[-1].reason == killed_registry.REASON
    assert champions == sorted(champions, reverse=True)
    assert set(champions) == {1, 2}


def test_a_promotion_after_a_killed_rollback_completes_both(prepared, tmp_path):
    folder = shutil.copytree(prepared, tmp_path / "project")
    assert killed_registry.run(folder, "rollback", TEST_HASH, writes=3)  # lock, pending rollback, champion
    assert champion_of(checked_registry(folder)) == 1
    assert not killed_registry.run(folder, "promote", TEST_HASH)
    registry = checked_registry(folder)
    assert registry.aliases(FAMILY) == {"champion": 3, "previous": 1}
    check_history(registry, "promotion", "promotion", "rollback", "promotion")
    assert history.PENDING not in registry.family_tags(FAMILY)
