import hashlib
import json
import math
from pathlib import Path

import pytest

from atelier.champion_history import Change, History
from atelier.errors import BadInputError
from atelier.model_card import Metric, ModelCard
from atelier.registry.version import FILES, Version
from pipelines.package.store import ModelStore, bentoml_home
from tests.helpers.classifier_champion import FAMILY, make_card, write_champion


class FakeRegistry:
    """Has one model, and counts how often it is fetched."""

    prefix = ""

    def name(self, family: str) -> str:
        return f"{self.prefix}{family}"

    def __init__(self, folder: Path) -> None:
        self.onnx_path = write_champion(folder) / "model.onnx"
        self.fetched = 0

    def card(self, version: Version) -> ModelCard:
        return make_card(str(version.number), version.run_id)

    def onnx(self, version: Version) -> dict[str, Path]:
        self.fetched += 1
        return {"model": self.onnx_path}


@pytest.fixture
def registry(tmp_path: Path) -> FakeRegistry:
    return FakeRegistry(tmp_path / "champion")


def version(number: int, run_id: str = "") -> Version:
    return Version(family=FAMILY, number=number, run_id=run_id or f"run{number}")


def hashed(number: int, registry: FakeRegistry) -> Version:
    digest = hashlib.sha256(registry.onnx_path.read_bytes()).hexdigest()
    return version(number).model_copy(update={"tags": {FILES: json.dumps({"model": digest})}})


def latest(store: ModelStore) -> str:
    return (store.home / "models" / FAMILY / "latest").read_text().strip()


def test_a_champion_is_copied_with_its_card(store: ModelStore, registry: FakeRegistry) -> None:
    store.update(version(3))
    folder = store.home / "models" / FAMILY / "v3-run3"
    assert (folder / "model.onnx").read_bytes() == registry.onnx_path.read_bytes()
    assert json.loads((folder / "card.json").read_text())["version"] == "3"
    assert latest(store) == "v3-run3"


def test_a_model_that_is_up_to_date_is_not_copied_again(store: ModelStore, registry: FakeRegistry) -> None:
    store.update(hashed(3, registry))
    store.update(hashed(3, registry))
    assert registry.fetched == 1


def test_a_metric_that_could_not_be_computed_makes_no_difference(
    store: ModelStore, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = registry.card(version(3))
    broken = card.model_copy(update={"metrics": {"top1": Metric(value=math.nan, low=math.nan, high=math.nan)}})
    monkeypatch.setattr(registry, "card", lambda each: broken.model_copy(deep=True))
    store.update(hashed(3, registry))
    store.update(hashed(3, registry))
    assert registry.fetched == 1


@pytest.mark.parametrize("hashes", [True, False])
@pytest.mark.parametrize("name", ["model.onnx", "card.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"damaged"])
def test_a_damaged_copy_is_replaced(
    store: ModelStore, registry: FakeRegistry, name: str, content: bytes | None, hashes: bool
) -> None:
    third = hashed(3, registry) if hashes else version(3)
    store.update(third)
    path = store.home / "models" / FAMILY / "v3-run3" / name
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    store.update(third)
    assert path.read_bytes() == whole


def test_a_card_with_another_metric_is_replaced(store: ModelStore, registry: FakeRegistry) -> None:
    store.update(version(3))
    path = store.home / "models" / FAMILY / "v3-run3" / "card.json"
    path.write_text(path.read_text().replace("0.942", "0.999"))
    store.update(version(3))
    assert "0.942" in path.read_text()


def test_after_a_rollback_the_previous_version_is_the_latest(store: ModelStore, registry: FakeRegistry) -> None:
    for number in (1, 2, 1):
        store.update(version(number))
    assert latest(store) == "v1-run1"
    assert (store.home / "models" / FAMILY / "v2-run2" / "model.onnx").exists()


def test_the_same_version_number_of_another_registry_does_not_replace_the_first(
    store: ModelStore, registry: FakeRegistry
) -> None:
    runs = {"v1-0a1b2c3d": "0a1b2c3d4e", "v1-9f8e7d6c": "9f8e7d6c5b"}
    for name, run_id in runs.items():
        store.update(version(1, run_id))
        assert latest(store) == name
    for name, run_id in runs.items():
        card = json.loads((store.home / "models" / FAMILY / name / "card.json").read_text())
        assert card["lineage"]["run_id"] == run_id


def test_the_history_is_written_beside_the_card_and_only_when_it_has_changed(
    store: ModelStore, registry: FakeRegistry
) -> None:
    store.update(version(1))
    first = Change(number=1, kind="promotion", champion=1, before=None, at="2026-01-01T10:00:00+00:00")
    path = store.home / "models" / FAMILY / "v1-run1" / "history.json"
    for changes in ((), (first,)):
        store.write_history(version(1), History(family=FAMILY, changes=changes))
        assert History.read(path).changes == changes
    stamp = path.stat().st_mtime_ns
    store.write_history(version(1), History(family=FAMILY, changes=(first,)))
    assert path.stat().st_mtime_ns == stamp


def test_an_incomplete_copy_is_replaced(store: ModelStore, registry: FakeRegistry) -> None:
    half = store.home / "models" / FAMILY / "v1-run1"
    half.mkdir(parents=True)
    (half / "model.onnx").write_bytes(b"half")
    store.update(version(1))
    assert (half / "model.onnx").read_bytes() == registry.onnx_path.read_bytes()
    assert latest(store) == "v1-run1"


def test_the_models_of_another_environment_have_other_names(store: ModelStore, registry: FakeRegistry) -> None:
    store.update(version(1))
    registry.prefix = "test-"
    store.update(version(2))
    assert latest(store) == "v1-run1"
    assert store.tag(version(2)) == f"test-{FAMILY}:v2-run2"
    assert (store.home / "models" / f"test-{FAMILY}" / "v2-run2" / "model.onnx").exists()


def test_a_store_that_bentoml_would_look_for_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("BENTOML_HOME", "~/store")
    with pytest.raises(BadInputError, match="set BENTOML_HOME=/home/ann/store instead of ~/store"):
        bentoml_home()
    monkeypatch.setenv("BENTOML_HOME", "/home/ann/store")
    assert bentoml_home() == Path("/home/ann/store")
