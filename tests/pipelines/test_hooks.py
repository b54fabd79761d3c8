import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node

from atelier.errors import BadInputError
from pipelines.hooks import EnvironmentHook, LocationsHook, PlainErrorHook, ProgressHook, RunParamsHook, TunedHook
from pipelines.tune.tuned import write_tuned
from tests.helpers.logins import no_login as no_login

FAMILY = "quickdraw_classifier"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    for name in ("base", "small"):
        (tmp_path / name).mkdir()
    return tmp_path


def context(conf: Path, env: str, given: dict[str, object] | None = None) -> SimpleNamespace:
    return SimpleNamespace(config_loader=SimpleNamespace(conf_source=str(conf)), env=env, _runtime_params=given)


def tuned(conf: Path, env: str, given: dict[str, object] | None = None) -> dict[str, object]:
    hook, catalog = TunedHook(), DataCatalog()
    hook.after_context_created(context(conf, env, given))
    hook.after_catalog_created(catalog)
    return dict(catalog.load("tuned")[FAMILY])


def test_a_runner_finds_what_the_run_was_started_with(conf: Path) -> None:
    hook, catalog = RunParamsHook(), DataCatalog()
    hook.after_context_created(context(conf, "small"))
    hook.before_pipeline_run({"env": "small"}, catalog)
    assert catalog.load("run_params") == {"env": "small", "conf_source": str(conf)}


def test_an_unknown_environment_is_an_error_that_names_the_known_ones(conf: Path) -> None:
    with pytest.raises(SystemExit, match="base, small"):
        EnvironmentHook().after_context_created(context(conf, "smal"))
    EnvironmentHook().after_context_created(context(conf, "small"))


def test_an_error_for_the_user_is_shown_without_traceback() -> None:
    try:
        try:
            raise BadInputError("Change this.")
        except BadInputError as cause:
            raise RuntimeError("node failed") from cause
    except RuntimeError as error:
        with pytest.raises(SystemExit, match=r"^error: Change this\.$"):
            PlainErrorHook().on_pipeline_error(error)


def test_other_errors_keep_their_traceback() -> None:
    PlainErrorHook().on_pipeline_error(RuntimeError("a bug"))


def test_an_error_of_mlflow_that_a_user_can_act_on_is_shown_without_traceback() -> None:
    from mlflow.exceptions import MlflowException

    try:
        try:
            raise MlflowException("API request to http://host/api failed with exception refused")
        except MlflowException as cause:
            raise RuntimeError("node failed") from cause
    except RuntimeError as error:
        with pytest.raises(SystemExit, match=r"^error: The MLflow server stopped answering"):
            PlainErrorHook().on_pipeline_error(error)


def located(uri: str, project: Path) -> str:
    """The tracking address in the configuration after the hook."""
    loader = {"globals": {"data": "data/base", "mlflow": {"tracking_uri": uri}}}
    LocationsHook().after_context_created(SimpleNamespace(config_loader=loader, project_path=project))
    assert loader["globals"]["data"] == str(project / "data/base")
    return loader["globals"]["mlflow"]["tracking_uri"]


def test_the_configuration_does_not_hold_the_login_of_mlflow(environment: dict[str, str], tmp_path: Path) -> None:
    assert located("https://ann:s3cret@host/mlflow", tmp_path) == "https://host/mlflow"  # pragma: allowlist secret
    assert environment["MLFLOW_TRACKING_PASSWORD"] == "s3cret"  # pragma: allowlist secret
    with pytest.raises(SystemExit, match="error: MLFLOW_TRACKING_URI cannot be read") as caught:
        located("https://ann:s3/cret@host", tmp_path)
    assert "cret" not in str(caught.value)


def test_a_sqlite_file_is_in_the_project_from_wherever_it_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    assert located("sqlite:///mlflow.db", tmp_path) == "sqlite:///mlflow.db"
    monkeypatch.chdir(tmp_path / "notebooks")
    assert located("sqlite:///mlflow.db", tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"


def test_tuned_values_stay_in_their_environment(conf: Path) -> None:
    write_tuned(conf / "base" / "tuned.yml", FAMILY, {"training.learning_rate": 0.1}, "study")
    assert tuned(conf, "base") == {"training.learning_rate": 0.1}
    assert tuned(conf, "small") == {}


def test_a_given_parameter_wins_over_a_tuned_one(conf: Path) -> None:
    values = {"training.learning_rate": 0.1, "training.weight_decay": 0.01}
    write_tuned(conf / "base" / "tuned.yml", FAMILY, values, "study")
    given = {FAMILY: {"training": {"learning_rate": 0.5}}}
    assert tuned(conf, "base", given) == {"training.weight_decay": 0.01}


def test_progress_counts_the_nodes(caplog: pytest.LogCaptureFixture) -> None:
    hook, nodes = (
        ProgressHook(),
        [node(lambda value: value, names[0], names[1], name=names[2]) for names in ("ab1", "bc2")],
    )
    with caplog.at_level("INFO"):
        hook.before_pipeline_run(Pipeline(nodes))
        for each in nodes:
            hook.before_node_run(each)
    assert caplog.messages == ["1 of 2: 1", "2 of 2: 2"]


def test_output_survives_an_encoding_without_its_characters_and_is_not_wrapped_at_80_columns() -> None:
    script = (
        "from pipelines.hooks import OutputHook; from rich.console import Console\n"
        "OutputHook().after_context_created()\n"
        "Console().print('≥ ' + 'x' * 120)"
    )
    inherited = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    environment = {**inherited, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["? " + "x" * 120]
