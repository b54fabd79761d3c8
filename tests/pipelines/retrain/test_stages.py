import re

import pytest
import yaml

from atelier.errors import AtelierError
from pipelines.lifecycle.families import FAMILIES
from pipelines.retrain.processes import Commands, stage_filter
from pipelines.retrain.stages import ALWAYS, Stages, environment, stage_of
from tests.families.start import SHOWN_BY_DVC
from tests.helpers.projects import ROOT


@pytest.fixture
def stages(tmp_path):
    (tmp_path / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text())
    return Stages(Commands(tmp_path, tmp_path / "reports" / "log"))


def test_the_environment_is_written_into_the_stages_and_nothing_else_changes(stages, tmp_path):
    before = (tmp_path / "dvc.yaml").read_text()
    stages.set_environment("small")
    assert environment(tmp_path) == "small"
    stages.set_environment("my-env")
    assert environment(tmp_path) == "my-env"
    stages.set_environment("base")
    assert (tmp_path / "dvc.yaml").read_text() == before


def test_stages_without_an_environment_are_an_error(tmp_path):
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    with pytest.raises(AtelierError, match="env: base"):
        environment(tmp_path)


def test_every_family_has_a_stage():
    text = (ROOT / "dvc.yaml").read_text()
    for name, family in FAMILIES.items():
        (listed,) = re.findall(r"families: \[(.*)\]", text)
        assert stage_of(name) == f"{'judged' if family.judges else 'lifecycle'}@{name}"
        assert name in (text.partition("judged:")[2] if family.judges else listed)


def test_dvc_shows_parameters_metrics_and_images_of_every_family():
    shown = yaml.safe_load((ROOT / "dvc.yaml").read_text())
    for heading, files in SHOWN_BY_DVC.items():
        expected = {file.format(name=name) for name in FAMILIES for file in files}
        assert set(shown[heading]) == expected


def test_stages_that_always_run_are_those_of_dvc_yaml():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    always = {name.partition("_")[0] for name, stage in stages.items() if stage.get("always_changed")}
    assert always == set(ALWAYS)


def test_the_key_of_a_family_depends_on_what_the_family_reads():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    for name, family in FAMILIES.items():
        read = {f"{'prepared' if each in family.data else 'raw'}/{each}" for each in family.input_types}
        assert set(stages[f"keys_{name}"]["deps"]) == {f"data/${{env}}/{path}" for path in read}
        assert stages[f"keys_{name}"]["cmd"].endswith(f" --nodes keys.{name}")


def test_only_what_takes_long_is_shown():
    show = stage_filter(("fetch", "keys"))
    lines = [
        "noise",
        "Running stage 'fetch@coco':",
        "fetched",
        "Running stage 'lifecycle@a':",
        "epoch 1",
        "Stage 'keys'",
    ]
    assert [line for line in lines if show(line)] == ["Running stage 'lifecycle@a':", "epoch 1"]


def test_a_command_that_fails_is_an_error_with_the_end_of_its_output(stages, tmp_path):
    commands = Commands(tmp_path, tmp_path / "log")
    with pytest.raises(AtelierError, match=r"json.tool missing.json ended with \d"):
        commands.run("json.tool", "missing.json")
    assert "missing.json" in (tmp_path / "log").read_text()
