import pytest

from atelier.errors import BadInputError
from tests.helpers.registries import FAMILY, add_challenger, evaluation


def test_half_written_results_are_not_read(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    registry.store_evaluation(version.run_id, "new" * 10, evaluation(100))
    folder = (
        registry.onnx(version)["model"].parents[3] / version.run_id / "artifacts" / "evaluations" / ("new" * 10)[:16]
    )
    (folder / "metrics.json").unlink()
    assert registry.evaluation(version, "new" * 10) is None


def test_results_need_the_hash_of_the_test_split(versions):
    with pytest.raises(BadInputError, match="hash of its test split"):
        versions.evaluation(versions.version(FAMILY, 1), "")
