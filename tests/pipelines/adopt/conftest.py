"""Two models that were trained elsewhere, and the shapes that they know."""

from pathlib import Path

import pytest

from atelier.data.prepared.dataset import PreparedData
from tests.helpers.foreign_models import export_keras, export_torch
from tests.helpers.shapes import write_prepared


@pytest.fixture(scope="session")
def quickdraw(tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return write_prepared(tmp_path_factory.mktemp("adopt") / "quickdraw")


@pytest.fixture(scope="session")
def keras_file(tmp_path_factory: pytest.TempPathFactory, quickdraw: PreparedData) -> Path:
    return export_keras(tmp_path_factory.mktemp("keras") / "notebook.onnx", quickdraw)


@pytest.fixture(scope="session")
def torch_file(tmp_path_factory: pytest.TempPathFactory, quickdraw: PreparedData) -> Path:
    return export_torch(tmp_path_factory.mktemp("torch") / "colleague.onnx", quickdraw)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    (tmp_path / "labels.txt").write_text("bar\nbox\ncross\n")
    return tmp_path / "labels.txt"
