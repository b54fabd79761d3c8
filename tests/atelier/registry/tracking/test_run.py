import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image

from atelier.registry.models import Registry
from atelier.registry.tracking.run import KEY, PARENT, Run, attach, open_run
from tests.helpers.registries import FAMILY, evaluation, manifest, process_environment

EXPERIMENT = f"atelier/{FAMILY}"


def begin(registry: Registry, key: str = "key") -> Run:
    return open_run(registry.uri, EXPERIMENT, key)


def found(run: Run):
    return run.client.get_run(run.run_id)


def test_the_same_key_is_the_same_run_and_another_key_is_another(registry):
    with begin(registry, "a") as first:
        pass
    assert begin(registry, "a").run_id == first.run_id
    assert begin(registry, "b").run_id != first.run_id


def test_a_run_ends_finished_failed_or_killed(registry):
    with begin(registry, "good") as good:
        assert found(good).info.status == "RUNNING"
    with pytest.raises(ValueError, match="failed"), begin(registry, "bad") as bad:
        raise ValueError("failed")
    with pytest.raises(KeyboardInterrupt), begin(registry, "stopped") as stopped:
        raise KeyboardInterrupt
    assert [found(run).info.status for run in (good, bad, stopped)] == ["FINISHED", "FAILED", "KILLED"]
    assert found(bad).data.tags["atelier.error"] == "ValueError: failed"


def test_a_failed_run_is_resumed(registry):
    with pytest.raises(ValueError), begin(registry) as failed:
        raise ValueError
    with begin(registry) as again:
        again.log({"loss": 0.5}, step=1)
    assert again.run_id == failed.run_id
    assert found(again).info.status == "FINISHED"


def test_the_run_of_a_killed_process_is_closed_by_another_key_and_resumed_by_its_own(registry):
    code = f"""
import os, sys
from atelier.registry.tracking.run import open_run
print(open_run(sys.argv[1], {EXPERIMENT!r}, "killed").run_id, flush=True)
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run(
        [sys.executable, "-c", code, registry.uri], env=process_environment(), capture_output=True, text=True
    )
    run_id = killed.stdout.strip()
    assert killed.returncode == -9
    assert registry.client.get_run(run_id).info.status == "RUNNING"
    running = begin(registry, "running")
    assert registry.client.get_run(run_id).info.status == "KILLED"
    begin(registry, "another")
    assert found(running).info.status == "RUNNING"
    assert begin(registry, "killed").run_id == run_id


def test_metrics_are_logged_by_step_and_a_repeated_step_once(registry):
    begin(registry).log({"loss": 1.0, "top1": 0.1}, step=1)
    resumed = begin(registry)
    resumed.log({"loss": 1.0, "top1": 0.1}, step=1)
    resumed.log({"loss": 0.5, "top1": 0.2}, step=2)
    history = resumed.client.get_metric_history(resumed.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(1, 1.0), (2, 0.5)]


def png(grey: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (40, 30), grey).save(out, "PNG")
    return out.getvalue()


def images_of(run: Run) -> list[tuple[str, str, int]]:
    """(name, step, grey level) of MLflow's images with steps, as its UI reads them."""
    folder = Path(found(run).info.artifact_uri, "images")
    files = [(path.stem.split("+"), path) for path in sorted(folder.glob("*.png"))]
    return sorted((name, int(step), Image.open(path).getpixel((0, 0))) for (name, _, step, *_), path in files)


def test_images_are_logged_by_step_and_a_repeated_step_once(registry):
    first = begin(registry)
    first.log_images({"samples": png(10), "by class/a": png(11)}, step=1)
    first.log_images({"samples": png(10)}, step=1)
    resumed = begin(registry)
    resumed.log_images({"samples": png(10), "by class/a": png(11)}, step=1)
    resumed.log_images({}, step=2)
    resumed.log_images({"samples": png(20)}, step=3)
    assert images_of(resumed) == [("by class~a", 1, 11), ("samples", 1, 10), ("samples", 3, 20)]
    assert found(resumed).data.tags["mlflow.loggedImages"] == "True"


def test_an_incomplete_image_is_logged_again(registry):
    run = begin(registry)
    run.log_images({"samples": png(10)}, step=1)
    folder = Path(found(run).info.artifact_uri, "images")
    (small,) = folder.glob("*.webp")
    small.unlink()
    begin(registry).log_images({"samples": png(10)}, step=1)
    assert len(list(folder.glob("*.webp"))) == 1


def test_parameters_are_flattened(registry):
    run = begin(registry)
    run.log_params({"model": {"width": 8, "sizes": (1, 2)}, "name": "x", "none": None, "empty": {}})
    expected = {"model.width": "8", "model.sizes": "[1, 2]", "name": "x", "none": "null", "empty": "{}"}
    assert found(run).data.params == expected


def test_many_and_long_parameters_are_logged(registry):
    run = begin(registry)
    run.log_params({**{f"p{i}": i for i in range(250)}, "long": "x" * 10_000})
    assert len(found(run).data.params) == 251


def test_a_data_set_is_logged_as_input_with_hashes_and_counts(registry):
    run = begin(registry)
    run.log_data("points", manifest())
    run.log_data("points", manifest())
    (entry,) = found(run).inputs.dataset_inputs
    tags = {tag.key: tag.value for tag in entry.tags}
    assert manifest().content_hash.startswith(entry.dataset.digest)
    assert (entry.dataset.name, entry.dataset.source_type) == ("points", "sample")
    assert json.loads(entry.dataset.profile)["counts"]["train"] == {"a": 2, "b": 3}
    assert tags["dvc.hash"] == manifest().raw_hash
    assert tags["content.hash"] == manifest().content_hash


def test_parameters_and_inputs_are_logged_once(registry):
    begin(registry).describe({"model": {"width": 8}, "gate": {"seed": 0}}, {"points": manifest()})
    again = begin(registry)
    again.describe({"model": {"width": 16}}, {"points": manifest()})  # MLflow refuses to change a parameter
    assert found(again).data.params == {"model.width": "8"}
    assert [entry.dataset.name for entry in found(again).inputs.dataset_inputs] == ["points"]
    everything = Path(again.client.download_artifacts(again.run_id, "parameters.yml")).read_text()
    assert yaml.safe_load(everything) == {"model": {"width": 8}, "gate": {"seed": 0}}


def test_commit_and_environment_are_logged(registry):
    run = begin(registry)
    tags = found(run).data.tags
    assert tags["mlflow.source.git.commit"]
    assert tags["mlflow.user"]
    assert tags["mlflow.source.name"] == " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    assert tags["atelier.git.dirty"] in ("true", "false")
    assert tags["machine.python"].startswith("3.")
    pins = Path(run.client.download_artifacts(run.run_id, "environment/requirements.txt")).read_text()
    assert "numpy==" in pins


def test_an_evaluation_is_logged_as_metrics_images_and_tables(registry):
    run = begin(registry)
    run.log_evaluation(evaluation(150))
    run.log_evaluation(evaluation(150))
    metrics = found(run).data.metrics
    assert metrics["test_top1"] == 0.75
    assert metrics.keys() == {"test_top1", "test_ece"}
    table = json.loads(Path(run.client.download_artifacts(run.run_id, "tables/test_metrics.json")).read_text())
    assert table["top1"]["low"] < 0.75 < table["top1"]["high"]
    paths = {f.path for folder in ("pictures", "tables") for f in run.client.list_artifacts(run.run_id, folder)}
    assert paths == {"pictures/sheet.png", "tables/counts.json", "tables/test_metrics.json"}


def test_children_are_nested_and_resumed_by_name(registry):
    run = begin(registry)
    with run.child("trial-1") as child:
        child.log({"loss": 1.0}, step=1)
    assert attach(registry.uri, run.run_id).child("trial-1").run_id == child.run_id
    assert found(child).data.tags[PARENT] == run.run_id
    assert found(child).data.tags[KEY] == "key/trial-1"
    assert found(run).info.status == "RUNNING"


def test_a_resumed_run_drops_the_error_of_the_last_attempt(registry):
    with pytest.raises(ValueError, match="failed"), begin(registry, "again"):
        raise ValueError("failed")
    with begin(registry, "again") as again:
        pass
    assert found(again).info.status == "FINISHED"
    assert "atelier.error" not in found(again).data.tags
