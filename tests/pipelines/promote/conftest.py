from pathlib import Path

import pytest

from atelier.registry.models import Registry
from tests.registries import empty_registry, line_up


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return empty_registry(tmp_path)


@pytest.fixture
def versions(tmp_path: Path) -> Registry:
    """A registry with versions 1 to 4, right on 100, 130, 160 and 110 of 200 test items, and no aliases yet."""
    return line_up(tmp_path)
