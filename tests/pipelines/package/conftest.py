from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier.registry.models import Registry
from pipelines.package.store import ModelStore


@pytest.fixture
def store(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelStore]:
    """A model store in a BentoML folder of its own, for the registry of the test."""
    from bentoml._internal.configuration.containers import BentoMLContainer
    from bentoml._internal.models import ModelStore as BentoStore

    home = tmp_path / "bentoml"
    (home / "models").mkdir(parents=True)
    monkeypatch.setenv("BENTOML_HOME", str(home))
    # BentoML reads BENTOML_HOME once per process.
    BentoMLContainer.model_store.set(BentoStore(home / "models"))
    yield ModelStore(registry)
    BentoMLContainer.model_store.reset()
