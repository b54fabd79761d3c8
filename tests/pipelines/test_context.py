"""The configuration of a run, as Kedro loads it for this project."""

from pathlib import Path
from typing import Any

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from tests.helpers.projects import ROOT, copy_project


def parameters(project: Path, **given: Any) -> Any:
    """The parameters of a run in a project with `--params`."""
    bootstrap_project(project)
    with KedroSession.create(project, env="test", runtime_params=given) as session:
        return session.load_context().params


@pytest.fixture(autouse=True)
def _this_project_again():
    yield
    bootstrap_project(ROOT)


def test_the_folders_are_in_the_project_with_and_without_given_parameters(tmp_path, monkeypatch):
    project = copy_project(tmp_path / "project")
    monkeypatch.chdir(tmp_path)
    expected = str(project / "data/test/models")
    assert parameters(project)["folders"]["models"] == expected
    assert parameters(project, trials=3)["folders"]["models"] == expected


@pytest.mark.parametrize(
    ("given", "nearest"),
    [({"trails": 3}, "trials"), ({"quickdraw_classifier": {"training": {"epoch": 3}}}, "training.epochs")],
)
def test_a_mistyped_parameter_is_an_error_that_names_the_nearest_one(given, nearest):
    with pytest.raises(SystemExit, match=f"There is no parameter .*Did you mean .*{nearest}"):
        parameters(ROOT, **given)
