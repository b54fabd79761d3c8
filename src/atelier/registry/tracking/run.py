"""One MLflow run per lifecycle of a family. Every process that continues the lifecycle resumes the run.

A run is found by its tag `atelier.key`, a hash of everything that decides the lifecycle's result. A training that was
killed and resumed, and an evaluation in another process a day later, have the same key and log to the same run.
"""

import io
import json
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Literal, Self

from atelier.data.prepared.dataset import Manifest
from atelier.evaluation.results import Evaluation
from atelier.registry.tracking import backend, entities, lineage
from atelier.registry.tracking.address import login
from atelier.registry.tracking.experiments import experiment_id
from atelier.registry.tracking.processes import is_gone, this_process

KEY = "atelier.key"
PROCESS = "atelier.process"
"""The last process that worked on the run, as `processes.this_process` returns it."""
DESCRIBED = "atelier.described"
ERROR = "atelier.error"
"""The error of the last attempt."""
PARENT = "mlflow.parentRunId"

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
_PARAMETERS_A_CALL = 100


class Run:
    """An open run. As a context manager it ends as FINISHED, FAILED (any exception) or KILLED (Ctrl-C)."""

    def __init__(self, client: Any, uri: str, run_id: str) -> None:
        self.client = client
        self.uri = uri
        self.run_id = run_id
        found = client.get_run(run_id)
        self.key: str = found.data.tags[KEY]
        self.experiment_id: str = found.info.experiment_id
        self._logged_before = set(found.data.metrics)
        self._steps: dict[str, set[int]] = {}

    @property
    def experiment(self) -> str:
        return str(self.client.get_experiment(self.experiment_id).name)

    def log(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Log the metrics of one epoch in one call. A step that a killed process logged is not logged again."""
        from mlflow.entities import Metric

        stamp = int(time.time() * 1000)
        new = {name: value for name, value in metrics.items() if step not in self._known_steps(name)}
        batch = [Metric(name, float(value), stamp, step) for name, value in new.items()]
        if batch:
            self.client.log_batch(self.run_id, metrics=batch)
        for name in new:
            self._steps[name].add(step)

    def log_images(self, images: Mapping[str, bytes], step: int) -> None:
        """Log images of one epoch's results. MLflow shows them with a slider over the steps.

        A step that a killed process logged is not logged again.

        Parameters
        ----------
        images
            Name → PNG bytes. A name has letters, digits and `_-./ `.
        """
        if not images:
            return
        from PIL import Image

        for name, content in images.items():
            if (name, step) not in self._logged_images:
                with Image.open(io.BytesIO(content)) as image:
                    self.client.log_image(self.run_id, image, key=name, step=step, synchronous=True)
                self._logged_images.add((name, step))

    def describe(self, parameters: Mapping[str, Any], manifests: Mapping[str, Manifest]) -> None:
        """Log the run's parameters and data sets. This is done once, because a run's parameters cannot change.

        Parameters
        ----------
        parameters
            Nested, as in `log_params`.
        manifests
            Prepared data set → its manifest.
        """
        if self.tag_of(DESCRIBED) is not None:
            return
        self.log_params(parameters)
        for name, manifest in manifests.items():
            self.log_data(name, manifest)
        self.set_tag(DESCRIBED, "true")

    def log_params(self, parameters: Mapping[str, Any]) -> None:
        """Log nested parameters under dotted names: `{"model": {"width": 8}}` becomes `model.width`."""
        flat = entities.params(parameters)
        for start in range(0, len(flat), _PARAMETERS_A_CALL):
            self.client.log_batch(self.run_id, params=flat[start : start + _PARAMETERS_A_CALL])

    def log_data(self, name: str, manifest: Manifest) -> None:
        """Log a prepared data set as an input of the run: content hash, source, counts, DVC hash, licence."""
        self.client.log_inputs(self.run_id, [entities.dataset_input(name, manifest)])

    def log_evaluation(self, evaluation: Evaluation) -> None:
        """Log the test results: `test_<metric>` with both ends of its interval, images, tables."""
        numbers: dict[str, float] = {}
        for name, metric in evaluation.metrics.items():
            numbers |= {f"test_{name}": metric.value, f"test_{name}_low": metric.low, f"test_{name}_high": metric.high}
        self.log(numbers)
        self.log_files("pictures", evaluation.pictures)
        self.log_tables(evaluation.tables)

    def log_tables(self, tables: Mapping[str, Any]) -> None:
        """Log tables, file name → content that can be written as JSON, as artifacts in `tables`."""
        self.log_files("tables", {name: json.dumps(table, indent=2).encode() for name, table in tables.items()})

    def log_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Log files, file name → content, to `folder` of the run's artifacts (`""` is the root)."""
        with TemporaryDirectory() as temporary:
            for name, content in files.items():
                path = Path(temporary, name)
                path.write_bytes(content)
                self.client.log_artifact(self.run_id, str(path), folder or None)

    def set_tag(self, key: str, value: str) -> None:
        self.client.set_tag(self.run_id, key, value)

    def tag_of(self, key: str) -> str | None:
        value: str | None = self.client.get_run(self.run_id).data.tags.get(key)
        return value

    def child(self, name: str) -> "Run":
        """A nested run, such as one trial of a study. A run of the same name is resumed."""
        tags = {PARENT: self.run_id, "mlflow.runName": name}
        return _resume_or_create(self.client, self.uri, self.experiment_id, f"{self.key}/{name}", tags)

    def finish(self, status: Status = "FINISHED") -> None:
        self.client.set_terminated(self.run_id, status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
            return
        self.set_tag(ERROR, f"{kind.__name__}: {error}"[:1000])
        self.finish("FAILED" if issubclass(kind, Exception) else "KILLED")

    @cached_property
    def _logged_images(self) -> set[tuple[str, int]]:
        """(name, step) of each image of the run."""
        return entities.logged_images(found.path for found in self.client.list_artifacts(self.run_id, "images"))

    def _known_steps(self, name: str) -> set[int]:
        if name not in self._steps:
            history = self.client.get_metric_history(self.run_id, name) if name in self._logged_before else []
            self._steps[name] = {point.step for point in history}
        return self._steps[name]


def open_run(uri: str, experiment: str, key: str, tags: Mapping[str, str] | None = None) -> Run:
    """Resume the run with this key, whatever its state, or create it.

    Other runs of the experiment that are RUNNING although their process, of this machine, has ended are closed.

    Parameters
    ----------
    uri
        Tracking URI, such as `sqlite:///mlflow.db`. A login in it is passed to MLflow, and written nowhere.
    experiment
        `atelier/<family>`, which is created if needed.
    key
        Hash of everything that decides the result of the lifecycle.
    tags
        Further tags of a new run.
    """
    uri = login(uri)
    client = backend.connect(uri)
    number = experiment_id(client, uri, experiment)
    _close_abandoned(client, number, key)
    return _resume_or_create(client, uri, number, key, tags or {})


def attach(uri: str, run_id: str) -> Run:
    """A run by its id, with its state unchanged: for a worker process of a study, or for reading."""
    uri = login(uri)
    return Run(backend.connect(uri), uri, run_id)


def _resume_or_create(client: Any, uri: str, experiment_id: str, key: str, tags: Mapping[str, str]) -> Run:
    found = client.search_runs([experiment_id], f"tags.`{KEY}` = '{key}'", max_results=1)
    if found:
        run = Run(client, uri, found[0].info.run_id)
        client.update_run(run.run_id, status="RUNNING")
        run.set_tag(PROCESS, this_process())
        if ERROR in found[0].data.tags:  # of the last attempt
            client.delete_tag(run.run_id, ERROR)
        return run
    created = client.create_run(experiment_id, tags={**_first_tags(), **tags, KEY: key})
    run = Run(client, uri, created.info.run_id)
    if PARENT not in tags:
        run.log_files("environment", {"requirements.txt": lineage.environment().encode()})
    return run


def _first_tags() -> dict[str, str]:
    commit, dirty = lineage.git_state()
    return {
        "mlflow.source.git.commit": commit,
        "atelier.git.dirty": str(dirty).lower(),
        PROCESS: this_process(),
        **lineage.machine(),
    }


def _close_abandoned(client: Any, experiment_id: str, key: str) -> None:
    for run in client.search_runs([experiment_id], "attributes.status = 'RUNNING'"):
        if run.data.tags.get(KEY) != key and is_gone(run.data.tags.get(PROCESS, "")):
            client.set_terminated(run.info.run_id, "KILLED")
