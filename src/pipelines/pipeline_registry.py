"""The registered pipelines. They are listed here because `find_pipelines` finds none in a package named `pipelines`."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module

from kedro.pipeline import Pipeline

from atelier.errors import nearest
from pipelines.lifecycle.families import FAMILIES, all_catalog_entries


class LazyPipelines(Mapping[str, Pipeline]):
    """Pipelines whose modules are imported when a pipeline is looked up."""

    def __init__(self, builders: dict[str, Callable[[], Pipeline]]) -> None:
        self._builders = builders

    def __getitem__(self, name: str) -> Pipeline:
        if name not in self._builders:
            sys.exit(f"error: There is no pipeline {name!r}. Did you mean {nearest(name, self._builders)}?")
        return self._builders[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._builders

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)


def _create(module: str, function: str = "create_pipeline", *arguments: str) -> Pipeline:
    pipeline = getattr(import_module(f"pipelines.{module}"), function)(*arguments)
    assert isinstance(pipeline, Pipeline)
    return pipeline


def _whole() -> Pipeline:
    """Everything that the families need; a data set that none learns from is fetched when it is asked for."""
    data = (_create("fetch.pipeline") + _create("prepare.pipeline")).to_outputs(*all_catalog_entries().values())
    lifecycles = sum((_create("lifecycle.pipeline", "create_lifecycle", name) for name in FAMILIES), Pipeline([]))
    return data + lifecycles + _create("promote.pipeline") + _create("package.pipeline")


def register_pipelines() -> Mapping[str, Pipeline]:
    """Name → pipeline: everything (`__default__`), each family's lifecycle, and the steps before and after these."""
    others = ("fetch", "prepare", "promote", "package", "predict", "tune", "augment", "compare", "history", "adopt")
    steps = {name: partial(_create, f"{name}.pipeline") for name in others}
    rollback = partial(_create, "promote.pipeline", "create_rollback")
    keys = partial(_create, "lifecycle.pipeline", "create_keys")
    lifecycles = {name: partial(_create, "lifecycle.pipeline", "create_lifecycle", name) for name in FAMILIES}
    return LazyPipelines({"__default__": _whole, **steps, "rollback": rollback, "keys": keys, **lifecycles})
