"""The lifecycle of a model, wired once for every family: start → train → export → evaluate → register.

Each step leaves its product in the job's folder and is then done for good: a killed run goes on with the step it was
in, and a run with nothing to do touches nothing.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

from kedro.pipeline import Node, Pipeline

from atelier.registry.models import Registry
from atelier.settings import apply
from pipelines.lifecycle import judges, steps
from pipelines.lifecycle.families import FAMILIES
from pipelines.lifecycle.job import Job, JobState, job_key

log = logging.getLogger(__name__)

STEPS: dict[str, tuple[steps.Work, str]] = {
    "train": (steps.train, "checkpoint"),
    "export": (steps.export, "exported.json"),
    "evaluate": (steps.evaluate, "evaluation"),
    "register": (steps.register, "version.json"),
}
"""Step → (its work, the product it leaves in the job's folder)."""


def create_lifecycle(name: str) -> Pipeline:
    """The pipeline of one family: nodes `<family>.<step>`, data sets `<family>.<product>`."""
    data = FAMILIES[name].ingredients
    # What is promoted in the same run judges in it: waiting for a verdict orders the steps.
    verdicts = {judge: f"{judge}.verdict" for judge in FAMILIES[name].judges}
    places = {"folder": f"{name}.folder", "registry": "registry"}
    inputs = {"settings": f"params:{name}", "tuned": "tuned", **places, **data, **verdicts}
    nodes = [Node(_start(name), inputs, f"{name}.job", name="start", namespace=name)]
    previous = f"{name}.job"
    for step, (work, product) in STEPS.items():
        inputs = {"job": f"{name}.job", "after": previous, **data, **(verdicts if step == "evaluate" else {})}
        previous = f"{name}.{product}"
        nodes.append(Node(_once(step, work, product), inputs, previous, name=step, namespace=name))
    return Pipeline(nodes)


def _start(name: str) -> Callable[..., Path]:
    def start(settings: Any, tuned: dict[str, dict[str, Any]], folder: Path, registry: Registry, **inputs: Any) -> Path:
        if tuned[name]:
            log.info("%s: tuned values in use: %s", name, ", ".join(f"{k} = {v}" for k, v in tuned[name].items()))
        settings = apply(settings, tuned[name])
        state = JobState(
            family=name,
            key=job_key(name, settings, FAMILIES[name].pick_data(inputs)),
            tracking_uri=registry.uri,
            settings=settings.model_dump(mode="json"),
        )
        judges.champions(registry, name)  # raises now, not after hours of training
        return Job.begin(folder, state).folder / "job.json"

    # Kedro validates parameters before the run by the node's type hints; each family has a type of its own.
    start.__annotations__["settings"] = get_type_hints(FAMILIES[name].nodes().train)["settings"]
    return start


def _once(step: str, work: steps.Work, product: str) -> Callable[..., Path]:
    def run_step(job: Path, after: Path, **inputs: Any) -> Path:  # noqa: ARG001  `after` only orders the steps
        opened = Job.open(job.parent)
        data = FAMILIES[opened.name].pick_data(inputs)
        if not opened.is_done(step):
            with opened.run(data) as run:
                work(opened, run, data)
            opened.mark_done(step)
        return opened.folder / product

    run_step.__name__ = step
    return run_step
