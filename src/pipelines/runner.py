"""A runner that trains several families at the same time, each in a process of its own.

    kedro run --runner pipelines.runner.FamiliesRunner

One process with one thread uses a core better than a training that shares its steps among several cores, and two
trainings cannot share a process: the frameworks keep their threads, precision and random numbers in global state.
What else is part of the run, such as fetching, gates and packaging, is run one node after the other, in this process.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.runner import SequentialRunner
from pluggy import PluginManager

from pipelines.lifecycle.families import FAMILIES
from pipelines.processes.cores import cores
from pipelines.processes.named import NamedProcesses

MAX_PROCESSES, MEMORY = 4, 3 * 10**9
"""At most so many processes. Each takes one to three gigabytes of memory: so many bytes must be available for it."""
ADVICE = (
    "Is there enough memory? The same command resumes what was interrupted; kedro run takes the families one after the "
    "other."
)

RUN_PARAMS = ("project_path", "env", "conf_source", "runtime_params", "pipeline_names")
"""What a process must know of the whole run."""

log = logging.getLogger(__name__)


class FamiliesRunner(SequentialRunner):
    """Runs the lifecycles of as many families at a time as there are cores and memory for, at most four.

    A lifecycle begins when its data are prepared and its judges are promoted. When one fails, the others are stopped;
    the same command resumes them.
    """

    @property
    def _logger(self) -> logging.Logger:
        return logging.getLogger("kedro.runner")

    def _run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        hook_manager: PluginManager | None = None,
        run_id: str | None = None,
    ) -> None:
        families = lifecycles(pipeline)
        if len(families) < 2:
            super()._run(pipeline, catalog, hook_manager, run_id)
            return

        def run_here(node: Node) -> None:
            super(FamiliesRunner, self)._run(Pipeline([node]), catalog, hook_manager, run_id)

        count = max(1, min(len(families), cores(), MAX_PROCESSES, psutil.virtual_memory().available // MEMORY))
        log.info("%d families, %d at a time. Each line of theirs begins with the family.", len(families), count)
        started_with = catalog.load("run_params")
        given = json.dumps({name: started_with[name] for name in RUN_PARAMS} | {"command": sys.argv})
        arguments = {name: [given, *(node.name for node in nodes)] for name, nodes in families.items()}
        with NamedProcesses("pipelines.runner:run_nodes", arguments, count, ADVICE) as processes:
            schedule(pipeline, families, processes, run_here)


def lifecycles(pipeline: Pipeline) -> dict[str, list[Node]]:
    """Family → the nodes of its lifecycle, without its gate; in the order of `FAMILIES`."""
    return {name: nodes for name in FAMILIES if (nodes := [node for node in pipeline.nodes if node.namespace == name])}


def schedule(
    pipeline: Pipeline,
    families: Mapping[str, list[Node]],
    processes: NamedProcesses,
    run_here: Callable[[Node], None],
) -> None:
    """Start each lifecycle as soon as all nodes before it have been run; meanwhile run other nodes, one at a time."""
    needs, done = pipeline.node_dependencies, set[Node]()
    trained: list[str] = []
    inside = {node for nodes in families.values() for node in nodes}
    others = [node for node in pipeline.nodes if node not in inside]
    waiting = {name: {need for node in nodes for need in needs[node]} - set(nodes) for name, nodes in families.items()}
    while others or waiting or processes.running:
        for name in [name for name, found in waiting.items() if found <= done]:
            del waiting[name]
            processes.start(name)
        node = next((node for node in others if needs[node] <= done), None)
        if node:
            run_here(node)
            others.remove(node)
            done.add(node)
        for name in processes.finished(wait_for_one=node is None):
            done.update(families[name])
            trained.append(name)
            log.info("%d of %d families done: %s", len(trained), len(families), name)


def run_nodes(run_params: str, *names: str) -> None:
    """Run these nodes in this process.

    Parameters
    ----------
    run_params
        JSON: the values of `RUN_PARAMS` with which the whole run was started, and its command line. That is what MLflow
        and the locks shall name.
    """
    given = json.loads(run_params)
    sys.argv = given["command"]
    project = Path(given["project_path"])
    bootstrap_project(project)
    options = {name: given[name] for name in ("env", "conf_source", "runtime_params")}
    with KedroSession.create(project, **options) as session:
        assert isinstance(session, KedroSession)
        session.run(pipeline_names=given["pipeline_names"], node_names=names)
