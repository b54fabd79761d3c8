"""What a training told of itself, and the state that it left: for tests that stop trainings and go on with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Logged = list[tuple[int, dict[str, float], dict[str, bytes]]]


class StoppedError(Exception):
    """Stands for a pruned trial."""


class Recorder:
    """Takes the place of MLflow; how fast it went is no result."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.logged: Logged = []
        self._stop_at = stop_at

    def __call__(self, metrics: Mapping[str, float], epoch: int, pictures: Mapping[str, bytes] | None = None) -> None:
        if epoch == self._stop_at:
            raise StoppedError
        steady = {name: value for name, value in metrics.items() if name != "samples_per_s"}
        self.logged.append((epoch, steady, dict(pictures or {})))


def tensorflow_state(folder: Path) -> dict[str, Any]:
    """Every array of the newest checkpoint."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(folder))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if "OBJECT" not in name}


def assert_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Equal bit by bit."""
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not np.array_equal(ours[name], theirs[name])] == []
