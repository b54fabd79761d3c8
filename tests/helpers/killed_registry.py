"""Promotion and rollback in a process that is killed right after its n-th write to the registry."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from atelier.registry.promotion import run_gate
from atelier.registry.rollback import roll_back
from atelier.registry.tracking.backend import connect
from tests.helpers.forked_processes import ended, start
from tests.helpers.registries import FAMILY, GATE, evaluation

REASON = "it calls every cat a dog"
READS = ("get", "search", "list", "download")


class KilledAfterWrites:
    """An `MlflowClient` that kills its process right after its n-th write; with 0 never."""

    def __init__(self, client: Any, writes: int) -> None:
        self._client, self._left = client, writes

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name.startswith(READS) or not callable(found):
            return found
        return lambda *args, **options: self._write(found, *args, **options)

    def _write(self, method: Any, *args: Any, **options: Any) -> Any:
        result = method(*args, **options)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def run(folder: Path, action: str, test_hash: str, writes: int = 0) -> bool:
    """Promote or roll back in a subprocess. Returns whether it was killed."""
    code = ended(start(_work, folder, action, test_hash, writes))
    assert code in (0, -signal.SIGKILL), f"{action} ended with {code}"
    return code != 0


def _work(folder: Path, action: str, test_hash: str, writes: int) -> None:
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    registry = Registry(uri, KilledAfterWrites(connect(uri), writes))
    if action == "promote":
        run_gate(registry, FAMILY, GATE, test_hash, _evaluate)
    else:
        roll_back(registry, FAMILY, REASON)


def _evaluate(parts: Mapping[str, OnnxModel], spec: ModelSpec) -> Evaluation:
    """The models of `CORRECT` multiply by the number of items that they classify correctly."""
    return evaluation(int(parts["model"](x=np.ones((1, 1), np.float32))["y"].item()))
