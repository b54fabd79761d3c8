from pathlib import Path

import pytest
import yaml

from pipelines.fetch.pipeline import DATASETS as FETCHED
from pipelines.prepare.pipeline import DATASETS as PREPARED

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("base", "small", "full", "test")


def test_every_fetched_data_set_is_prepared_and_tracked_by_dvc() -> None:
    (_, variables) = yaml.safe_load((ROOT / "dvc.yaml").read_text())["vars"]
    assert FETCHED.keys() == PREPARED.keys() == set(variables["datasets"])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", FETCHED)
def test_every_data_set_has_parameters_of_its_own(name: str, environment: str) -> None:
    parameters = yaml.safe_load((ROOT / "conf" / environment / f"parameters_{name}.yml").read_text())
    assert list(parameters) == [name]
