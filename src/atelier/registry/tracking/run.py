"""One MLflow run per lifecycle of a family, taken up again by whichever process goes on with it.

A run is found by its tag `atelier.key`, a hash of what the lifecycle is made from. The same key means the same run:
training that was killed, and evaluation in another process a day later, write into it.
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
from atelier.registry.tracking.processes import is_gone, this_process

KEY = "atelier.key"
PROCESS = "atelier.process"
"""Whoever worked on the run last, as `processes.this_process` names it."""
DESCRIBED = "atelier.described"
ERROR = "atelier.error"
"""Why the last attempt at the run failed."""
PARENT = "mlflow.parentRunId"

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
_PARAMETERS_A_CALL = 100


class Run:
    """A run that is being written. As a context manager it ends FINISHED, FAILED (any exception) or KILLED (Ctrl-C)."""

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
        """Log numbers of one epoch in one call. A step that a killed process already logged is not logged twice."""
        from mlflow.entities import Metric

        stamp = int(time.time() * 1000)
        fresh = {name: value for name, value in metrics.items() if step not in self._known_steps(name)}
        batch = [Metric(name, float(value), stamp, step) for name, value in fresh.items()]
        if batch:
            self.client.log_batch(self.run_id, metrics=batch)
        for name in fresh:
            self._steps[name].add(step)

    def log_pictures(self, pictures: Mapping[str, bytes], step: int) -> None:
        """Log what one epoch's results look like, as images that MLflow shows with a slider over the steps.

        A step that a killed process already logged is not logged twice.

        Parameters
        ----------
        pictures
            Name of letters, digits and `_-./ ` → PNG bytes.
        """
        if not pictures:
            return
        from PIL import Image

        for name, content in pictures.items():
            if (name, step) not in self._pictured:
                with Image.open(io.BytesIO(content)) as picture:
                    self.client.log_image(self.run_id, picture, key=name, step=step, synchronous=True)
                self._pictured.add((name, step))

    def describe(self, parameters: Mapping[str, Any], manifests: Mapping[str, Manifest]) -> None:
        """Log what the run starts from, its parameters and its data sets; once, as a run's parameters cannot change.

        Parameters
        ----------
        parameters
            Nested, as `log_params` takes them.
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
        """Enter a prepared data set as the run's input: content hash, source, counts, DVC hash, licence."""
        self.client.log_inputs(self.run_id, [entities.dataset_input(name, manifest)])

    def log_evaluation(self, evaluation: Evaluation) -> None:
        """Log the test results: `test_<metric>` with both ends of its interval, pictures, tables."""
        numbers: dict[str, float] = {}
        for name, metric in evaluation.metrics.items():
            numbers |= {f"test_{name}": metric.value, f"test_{name}_low": metric.low, f"test_{name}_high": metric.high}
        self.log(numbers)
        self.log_files("pictures", evaluation.pictures)
        self.log_tables(evaluation.tables)

    def log_tables(self, tables: Mapping[str, Any]) -> None:
        """File name → JSON-able content."""
        self.log_files("tables", {name: json.dumps(table, indent=2).encode() for name, table in tables.items()})

    def log_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        """File name → content, below `folder` of the run's artifacts (`""` is the top)."""
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
        """A nested run, such as one trial of a study; opening the same name again takes it up again."""
        tags = {PARENT: self.run_id, "mlflow.runName": name}
        return _take_up(self.client, self.uri, self.experiment_id, f"{self.key}/{name}", tags)

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
    def _pictured(self) -> set[tuple[str, int]]:
        """(name, step) of the pictures that are there."""
        return entities.pictured(found.path for found in self.client.list_artifacts(self.run_id, "images"))

    def _known_steps(self, name: str) -> set[int]:
        if name not in self._steps:
            history = self.client.get_metric_history(self.run_id, name) if name in self._logged_before else []
            self._steps[name] = {point.step for point in history}
        return self._steps[name]


def open_run(uri: str, experiment: str, key: str, tags: Mapping[str, str] | None = None) -> Run:
    """Take up the run with this key, in whatever state a process left it, or start it.

    Runs of the experiment that a process of this machine left RUNNING when it was killed are closed.

    Parameters
    ----------
    uri
        Tracking URI, such as `sqlite:///mlflow.db`.
    experiment
        `atelier/<family>`; made when it is not there.
    key
        What the lifecycle is made from, as a hash.
    tags
        Further tags, set when the run is started.
    """
    client = backend.connect(uri)
    experiment_id = backend.experiment_id(client, uri, experiment)
    _close_abandoned(client, experiment_id, key)
    return _take_up(client, uri, experiment_id, key, tags or {})


def attach(uri: str, run_id: str) -> Run:
    """A run by its id, its state left as it is: for a worker process of a study, or to look at it."""
    return Run(backend.connect(uri), uri, run_id)


def _take_up(client: Any, uri: str, experiment_id: str, key: str, tags: Mapping[str, str]) -> Run:
    found = client.search_runs([experiment_id], f"tags.`{KEY}` = '{key}'", max_results=1)
    if found:
        run = Run(client, uri, found[0].info.run_id)
        client.update_run(run.run_id, status="RUNNING")
        run.set_tag(PROCESS, this_process())
        if ERROR in found[0].data.tags:  # of the attempt before this one
            client.delete_tag(run.run_id, ERROR)
        return run
    created = client.create_run(experiment_id, tags={**_birth_tags(), **tags, KEY: key})
    run = Run(client, uri, created.info.run_id)
    if PARENT not in tags:
        run.log_files("environment", {"requirements.txt": lineage.environment().encode()})
    return run


def _birth_tags() -> dict[str, str]:
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
