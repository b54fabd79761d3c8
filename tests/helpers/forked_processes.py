"""Processes that start in milliseconds: forked from a server that has imported MLflow and Optuna once."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

_context = multiprocessing.get_context("forkserver")
_stores = [f"mlflow.store.{kind}.sqlalchemy_store" for kind in ("tracking", "model_registry")]
_context.set_forkserver_preload(["tests.helpers.registries", "pipelines.tune.worker", "mlflow.artifacts", *_stores])


def start(function: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Call a module-level function in a new process."""
    process = _context.Process(target=function, args=arguments)
    process.start()
    return process


def ended(process: BaseProcess, timeout_s: float = 120) -> int:
    """Wait for a process to end and return its exit code: minus the signal if it was killed."""
    process.join(timeout_s)
    assert process.exitcode is not None, f"the process did not end within {timeout_s} s"
    return process.exitcode
