"""The Kedro pipeline of a lifecycle, the same for every family: start → train → export → evaluate → register.

Each step writes its product into the job's folder and is then marked as done. A killed run is resumed in the step it
was in, and a run with nothing to do changes nothing.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kedro.pipeline import Node, Pipeline

from atelier.registry import registration
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.settings import apply
from pipelines.folders import with_paths
from pipelines.lifecycle import job_lock, judges, steps
from pipelines.lifecycle.families import FAMILIES, families_of
from pipelines.lifecycle.job import Job, JobState, job_key, model_inputs

log = logging.getLogger(__name__)

STEPS: dict[str, tuple[steps.Step, str]] = {
    "train": (steps.train, "checkpoint"),
    "export": (steps.export, "exported.json"),
    "evaluate": (steps.evaluate, "evaluation"),
    "register": (steps.register, "version.json"),
}
"""Step → its function, and the file or folder that it writes into the job's folder."""


def create_lifecycle(name: str) -> Pipeline:
    """The pipeline of one family: nodes `<family>.<step>`, data sets `<family>.<product>` and `<family>_version`."""
    entries = FAMILIES[name].catalog_entries
    # A judge that is trained in the same run must be promoted before it is used. Its verdict as an input ensures that.
    verdicts = {judge: f"{judge}_verdict" for judge in FAMILIES[name].judges}
    locations = {"folder": "params:folders.models", "registry": "registry"}
    inputs = {"settings": f"params:{name}", "tuned": "tuned", **locations, **entries, **verdicts}
    tags = families_of(name)
    nodes = [Node(_start(name), inputs, f"{name}.job", name="start", namespace=name, tags=tags)]
    previous = f"{name}.job"
    for step, (function, product) in STEPS.items():
        parameters = {"settings": f"params:{name}", "tuned": "tuned"}
        inputs = {"job": f"{name}.job", "after": previous, **parameters, **entries}
        inputs |= verdicts if step == "evaluate" else {}
        previous = output_name(name, step)
        nodes.append(Node(_once(step, function, product), inputs, previous, name=step, namespace=name, tags=tags))
    return Pipeline(nodes)


def output_name(name: str, step: str) -> str:
    """The data set that a step of a family writes. A dot is for what no other pipeline reads, as Kedro asks for."""
    return f"{name}_version" if step == "register" else f"{name}.{Path(STEPS[step][1]).stem}"


def create_keys() -> Pipeline:
    """Nodes `keys.<family>`, which write what determines each model.

    DVC runs the lifecycle of a family when this file has changed, and so agrees with Kedro about what is stale.
    """
    return Pipeline(
        Node(
            _write_key(name),
            {"settings": f"params:{name}", "tuned": "tuned", **FAMILIES[name].catalog_entries},
            f"{name}_key",
            name=name,
            namespace="keys",
            tags=families_of(name),
        )
        for name in FAMILIES
    )


def _write_key(name: str) -> Callable[..., dict[str, Any]]:
    def write_key(settings: Any, tuned: dict[str, dict[str, Any]], **available: Any) -> dict[str, Any]:
        family = FAMILIES[name]
        tuned_settings = apply(family.settings(settings), tuned[name])
        return model_inputs(name, tuned_settings, family.inputs(available))

    return write_key


def _start(name: str) -> Callable[..., Path]:
    def start(
        settings: Any, tuned: dict[str, dict[str, Any]], folder: Path, registry: Registry, **available: Any
    ) -> Path:
        if tuned[name]:
            log.info("%s: tuned values in use: %s", name, ", ".join(f"{k} = {v}" for k, v in tuned[name].items()))
        settings = apply(settings, tuned[name])
        state = JobState(
            family=name,
            key=job_key(name, settings, FAMILIES[name].inputs(available)),
            tracking_uri=registry.uri,
            prefix=registry.prefix,
            settings=settings.model_dump(mode="json"),
            git=lineage.git_state(),
        )
        judges.champions(registry, name)  # fail now if a judge is missing, not after hours of training
        registry.check(name)  # fail before the folder is changed if nothing could be logged
        job_lock.hold(folder, name)
        job = Job.begin(folder, state)
        if job.is_done("register") and not registration.is_registered(registry, job.version()):
            log.info(
                "%s is no longer in %s, or its family has neither champion nor challenger. It is registered again.",
                job.version(),
                registry.uri,
            )
            job.undo("register")
        if job.is_done("register"):
            log.info("%s: nothing to do, %s was registered before.", name, job.version())
        return job.folder / "job.json"

    # Kedro validates parameters before the run by the type hints of the node.
    start.__annotations__["settings"] = FAMILIES[name].settings_type
    return with_paths(start, name)


def _once(step: str, function: steps.Step, product: str) -> Callable[..., Path]:
    def run_step(job: Path, after: Path, settings: Any, **available: Any) -> Path:  # noqa: ARG001  sets the order
        opened = Job.open(job.parent)
        job_lock.hold(opened.folder, opened.name)
        settings = apply(settings, available.pop("tuned")[opened.name])
        inputs = opened.family.inputs(available)
        opened.check_is_current(settings, inputs)
        if opened.is_done(step):
            log.info("already done")
        else:
            with opened.run(inputs) as run:
                function(opened, run, inputs)
            opened.mark_done(step)
        if step == "register":
            job_lock.release(opened.folder)
        return opened.folder / product

    run_step.__name__ = step
    return run_step
