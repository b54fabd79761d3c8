"""Kedro hooks: an early error for an unknown environment, tuned parameters, progress, short errors, a summary."""

import logging
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from omegaconf import OmegaConf

from atelier.errors import AtelierError, BadInputError
from atelier.registry.tracking import access
from atelier.registry.tracking.address import login
from pipelines.datasets import PathDataset
from pipelines.lifecycle.families import FAMILIES, family
from pipelines.tune.tuned import read_tuned

_COLUMNS = "160"
"""Width of tables and messages that are written to a file or a pipe."""


class EnvironmentHook:
    """Rejects an unknown `--env`, with which Kedro would run the base configuration without a message."""

    @hook_impl(tryfirst=True)  # the others read the configuration of the environment
    def after_context_created(self, context: KedroContext) -> None:
        conf = Path(context.config_loader.conf_source)
        if context.env and not (conf / context.env).is_dir():
            known = sorted(path.name for path in conf.iterdir() if path.is_dir())
            sys.exit(f"error: There is no environment {context.env!r} in conf/. Choose one of: {', '.join(known)}.")


class LocationsHook:
    """Lets the paths of data and registry start in the project's folder, from wherever the project is run.

    Takes the login out of MLflow's address, before anything that is printed or stored can hold it.
    """

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        found = context.config_loader["globals"]
        try:
            uri = login(found["mlflow"]["tracking_uri"], Path(context.project_path))
        except BadInputError as error:
            sys.exit(f"error: {error}")
        data = str(Path(context.project_path, found["data"]))
        context.config_loader["globals"] = {**found, "data": data, "mlflow": {**found["mlflow"], "tracking_uri": uri}}


class TunedHook:
    """Adds the tuned values of the environment, `tuned.yml`, to the catalog. Values given with `--params` win."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        self._file = Path(context.config_loader.conf_source) / (context.env or "base") / "tuned.yml"
        self._given = context._runtime_params or {}

    @hook_impl
    def after_catalog_created(self, catalog: DataCatalog) -> None:
        catalog["tuned_file"] = PathDataset(str(self._file))
        try:
            tuned = read_tuned(self._file, FAMILIES)
        except BadInputError as error:
            sys.exit(f"error: {error}")
        catalog["tuned"] = MemoryDataset({name: self._not_given(name, found) for name, found in tuned.items()})

    def _not_given(self, name: str, found: dict[str, Any]) -> dict[str, Any]:
        given = OmegaConf.create(self._given.get(name, {}))
        return {path: value for path, value in found.items() if OmegaConf.select(given, path) is None}


class RunParamsHook:
    """Adds what the run was started with to the catalog, for a runner that starts processes."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        self._conf_source = str(context.config_loader.conf_source)

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], catalog: DataCatalog) -> None:
        catalog["run_params"] = MemoryDataset({**run_params, "conf_source": self._conf_source})


class OutputHook:
    """Lets tables and messages be written to files and pipes, whatever their encoding."""

    @hook_impl
    def after_context_created(self) -> None:
        import rich

        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # tests may have replaced it
                stream.reconfigure(errors="replace")
        if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
            os.environ["COLUMNS"] = _COLUMNS  # rich would wrap lines at 80 columns
            rich.reconfigure()


class ProgressHook:
    """Logs one line for each node: `3 of 34: prepare.quickdraw`."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        self._total, self._begun = len(pipeline.nodes), 0

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        self._begun += 1
        logging.getLogger(__name__).info("%d of %d: %s", self._begun, self._total, node.name)


class PlainErrorHook:
    """Shows an `AtelierError`, or an error of MLflow that a user can act on, as a message without a traceback."""

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        cause: BaseException | None = error
        while cause is not None:
            message = str(cause) if isinstance(cause, AtelierError) else access.explain(cause)
            if message is not None:
                sys.exit(f"error: {message}")
            cause = cause.__cause__ or cause.__context__


class SummaryHook:
    """Prints a table after a run with a gate: the champions, their test results, and what to do next."""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        names = {node.name.removeprefix("promote.") for node in pipeline.nodes if node.name.startswith("promote.")}
        if names:
            self._print_summary(catalog, sorted(names))

    def _print_summary(self, catalog: DataCatalog, families: list[str]) -> None:
        from rich.console import Console

        from atelier.registry.summary import summary

        parameters: dict[str, Any] = catalog.load("parameters")
        primary = {name: family(name).settings(parameters[name]).gate.primary for name in families}
        Console().print(summary(catalog.load("registry"), primary))


HOOKS = (
    OutputHook(),
    EnvironmentHook(),
    LocationsHook(),
    TunedHook(),
    RunParamsHook(),
    ProgressHook(),
    PlainErrorHook(),
    SummaryHook(),
)
