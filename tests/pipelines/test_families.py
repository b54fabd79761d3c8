import tomllib

import pytest
import yaml

from atelier.errors import BadInputError
from pipelines.families import FAMILIES, family
from tests.support import ROOT


def test_every_family_offers_what_the_lifecycle_calls() -> None:
    for name in FAMILIES:
        nodes = family(name).nodes()
        assert all(callable(getattr(nodes, function)) for function in ("train", "export", "evaluate"))


def test_every_family_is_known_to_dvc_and_to_the_import_rules() -> None:
    entered = yaml.safe_load((ROOT / "dvc.yaml").read_text())["vars"][1]
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    packages = {f"pipelines.{entry.package}" for entry in FAMILIES.values()}
    assert entered["families"] == [name for name, entry in FAMILIES.items() if not entry.judges]
    judges = [(name, judge) for name, entry in FAMILIES.items() for judge in entry.judges]
    assert list(entered["judged"].items()) == judges
    assert set(next(rule for rule in rules if rule["type"] == "independence")["modules"]) == packages


def test_nonsense_parameters_name_the_family_and_the_place() -> None:
    with pytest.raises(BadInputError, match=r"quickdraw_classifier.*training\.epochs"):
        FAMILIES["quickdraw_classifier"].settings({"training": {"epochs": 0}})


def test_a_mistyped_family_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(BadInputError, match="quickdraw_classifier"):
        family("quickdraw_clasifier")


def test_no_family_is_an_error_that_says_how_to_name_one() -> None:
    with pytest.raises(BadInputError, match="--params family="):
        family(None)


@pytest.mark.parametrize("change", [{"epochs": -1}, {"epoch": 3}])
def test_a_parameter_that_is_not_allowed_is_named_with_family_and_path(change: dict[str, int]) -> None:
    with pytest.raises(BadInputError, match=rf"quickdraw_classifier.*training\.{next(iter(change))}: "):
        family("quickdraw_classifier").settings({"training": change})
