import subprocess
import sys
from typing import Any

import grimp
import pytest
import yaml
from omegaconf import OmegaConf

from atelier.errors import BadInputError
from pipelines.lifecycle.families import FAMILIES, family
from pipelines.lifecycle.tuning import check_space
from tests.helpers.projects import ROOT


def test_every_family_has_the_functions_of_the_contract() -> None:
    for name in FAMILIES:
        entry = family(name)
        assert all(callable(function) for function in (entry.train, entry.export, entry.evaluate))


def test_every_family_is_known_to_dvc() -> None:
    variables = yaml.safe_load((ROOT / "dvc.yaml").read_text())["vars"][1]
    assert set(variables["families"]) == {name for name, entry in FAMILIES.items() if not entry.judges}
    judges = [(name, judge) for name, entry in FAMILIES.items() for judge in entry.judges]
    assert list(variables["judged"].items()) == judges


def test_no_family_loads_two_training_frameworks() -> None:
    graph = grimp.build_graph("pipelines", "atelier", include_external_packages=True)
    frameworks = ({"torch", "lightning"}, {"tensorflow", "keras"})
    for package in {entry.package for entry in FAMILIES.values()}:
        loaded = graph.find_upstream_modules(package, as_package=True)
        assert sum(bool(names & loaded) for names in frameworks) <= 1, package


def test_the_error_of_a_parameter_names_family_and_path() -> None:
    with pytest.raises(BadInputError, match=r"quickdraw_classifier.*training\.epochs"):
        FAMILIES["quickdraw_classifier"].settings({"training": {"epochs": 0}})


def test_the_error_of_an_unknown_family_names_the_nearest_one() -> None:
    with pytest.raises(BadInputError, match="quickdraw_classifier"):
        family("quickdraw_clasifier")


def test_a_missing_family_is_an_error() -> None:
    with pytest.raises(BadInputError, match="--params family="):
        family(None)


@pytest.mark.parametrize("change", [{"epochs": -1}, {"epoch": 3}])
def test_a_parameter_that_is_not_allowed_is_named_with_family_and_path(change: dict[str, int]) -> None:
    with pytest.raises(BadInputError, match=rf"quickdraw_classifier.*training\.{next(iter(change))}: "):
        family("quickdraw_classifier").settings({"training": change})


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("environment", ["base", "small", "full", "test"])
def test_the_parameter_files_are_valid_in_every_environment(name: str, environment: str) -> None:
    files = [ROOT / "conf" / folder / f"parameters_{name}.yml" for folder in ("base", environment)]
    merged: Any = OmegaConf.to_container(OmegaConf.merge(*(OmegaConf.load(file) for file in files if file.exists())))
    settings = family(name).settings(merged[name])
    check_space(settings, settings.tuning)
    assert environment != "test" or settings.gate.budgets.latency_p95_ms >= 60_000  # tests run on busy machines


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("modules", [("settings",), ("evaluation",)])
def test_settings_and_evaluation_import_no_training_framework(name: str, modules: tuple[str, ...]) -> None:
    names = ", ".join(f"{FAMILIES[name].package}.{module}" for module in modules)
    code = f"import sys, {names}; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "lightning", "tensorflow", "keras"} | ({"onnx"} if "settings" in modules else set())
    assert not heavy & set(process.stdout.split())
