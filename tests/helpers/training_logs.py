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


def lightning_state(folder: Path) -> dict[str, Any]:
    """All that the newest checkpoint holds."""
    from pipelines.training.on_torch.checkpoints import latest

    newest = latest(folder)
    assert newest is not None
    return newest[1]


def assert_same(ours: Any, theirs: Any, where: str = "state") -> None:
    """Equal bit by bit, however deep."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), where
        for key in ours:
            assert_same(ours[key], theirs[key], f"{where}.{key}")
    elif isinstance(ours, list | tuple):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(one, other, f"{where}.{place}")
    else:  # arrays, tensors, numbers, texts
        assert np.array_equal(np.asarray(ours), np.asarray(theirs)), where
