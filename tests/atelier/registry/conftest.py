from pathlib import Path

import pytest
from tests.registries import empty_registry

from atelier.registry.models import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return empty_registry(tmp_path)
