"""What happens around a run: an early word on a mistyped environment, plain errors, the closing table."""

import sys
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from atelier.errors import AtelierError, BadInputError
from pipelines.datasets import PathDataset


class EnvironmentHook:
    """Kedro takes any `--env`; a mistyped one would quietly run the base configuration."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        conf = Path(context.config_loader.conf_source)
        if context.env and not (conf / context.env).is_dir():
            known = sorted(path.name for path in conf.iterdir() if path.is_dir())
            raise BadInputError(f"There is no environment {context.env!r} in conf/. Choose one of: {', '.join(known)}.")


class TunedFileHook:
    """Tuning saves what it finds in the configuration of the environment that it runs in."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        self._conf = Path(context.config_loader.conf_source) / (context.env or "base")

    @hook_impl
    def after_catalog_created(self, catalog: DataCatalog) -> None:
        catalog["tuned_file"] = PathDataset(str(self._conf / "parameters_tuned.yml"))


class PlainErrorHook:
    """An error that Atelier raises on purpose is a sentence to its reader, not a traceback."""

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, AtelierError):
            cause = cause.__cause__ or cause.__context__
        if cause is not None:
            sys.exit(f"error: {cause}")


class SummaryHook:
    """A run that went through the gate ends with a table: who is champion, how good, where to look next."""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        names = {node.name.removeprefix("promote.") for node in pipeline.nodes if node.name.startswith("promote.")}
        if names:
            self._print_summary(catalog, sorted(names))

    def _print_summary(self, catalog: DataCatalog, families: list[str]) -> None:
        from atelier.registry.summary import summary
        from rich.console import Console

        parameters: dict[str, Any] = catalog.load("parameters")
        primary = {name: parameters[name]["gate"]["primary"] for name in families}
        Console().print(summary(catalog.load("registry"), primary))


HOOKS = (EnvironmentHook(), TunedFileHook(), PlainErrorHook(), SummaryHook())
