import json
from pathlib import Path

import numpy as np
import pytest

from atelier.errors import AtelierError
from atelier.registry.models import Registry
from atelier.registry.report import facts
from atelier.registry.report.markdown import markdown
from atelier.registry.tracking import downloads
from atelier.registry.tracking.run import open_run
from atelier.registry.version import Version
from tests.atelier.registry.report.conftest import report_of
from tests.helpers.registries import FAMILY, add_challenger, remove_run


def test_parameters_come_from_the_run_and_from_the_file_with_all_of_them(two):
    (version,) = [version for version in two.history(FAMILY) if version.number == 1]
    run = open_run(two.uri, two.experiment(FAMILY), "first")
    run.log_files("", {"parameters.yml": b"model: {width: 8}\ngate: {seed: 3}\n"})
    (found,) = facts.read(two, [version])
    assert found.parameters == {"model.width": "8", "training.seed": "0", "gate.seed": "3"}


def test_drift_is_reported_from_the_statistics_of_two_runs(two):
    dark, light = np.zeros((40, 4, 4), np.uint8), np.full((40, 4, 4), 200, np.uint8)
    for key, images in (("first", dark), ("second", light)):
        facts.log_statistics(open_run(two.uri, two.experiment(FAMILY), key), {"points": images})
    text = markdown(report_of(two).blocks())
    (line,) = [line for line in text.splitlines() if line.startswith("| brightness")]
    assert line.split(" | ")[1:3] == ["0.00", "200.00"]
    assert line.endswith("| large |")
    assert "| contrast | 0.00 | 0.00 | 0.000 | none |" in text


def test_the_statistics_are_one_small_file_of_the_run(two):
    run = open_run(two.uri, two.experiment(FAMILY), "first")
    facts.log_statistics(run, {"points": np.zeros((3, 4, 4), np.uint8)})
    found = json.loads(Path(run.client.download_artifacts(run.run_id, facts.STATISTICS)).read_text())
    assert found["points"]["brightness"]["items"] == 3


def local_artifacts(registry: Registry, version: Version, path: str) -> Path:
    with downloads.run_artifact(registry.client, version.run_id, path) as folder:
        return folder


def test_a_version_that_was_not_measured_on_the_same_items_is_not_compared(two, tmp_path):
    add_challenger(two, tmp_path, "third", 160)
    version = two.history(FAMILY)[0]
    (own,) = local_artifacts(two, version, "evaluations").iterdir()
    own.rename(own.with_name("0" * 16))
    assert "not measured on the same test items" in markdown(report_of(two).blocks())


def test_a_deleted_run_is_an_error_that_names_what_is_missing(two):
    remove_run(two, 1)
    with pytest.raises(AtelierError, match=rf"{FAMILY} v1 is registered, but its run .*mlflow gc.*ame other versions"):
        facts.read(two, [two.version(FAMILY, 1)])
