"""Logged metrics and checkpoints of a training, for tests that stop and resume trainings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Logged = list[tuple[int, dict[str, float], dict[str, bytes]]]


class StoppedError(Exception):
    """The log stops the training, as for a pruned trial."""


class Recorder:
    """Records what a training logs, except for its speed, which differs from run to run."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.logged: Logged = []
        self._stop_at = stop_at

    def __call__(self, metrics: Mapping[str, float], epoch: int, images: Mapping[str, bytes] | None = None) -> None:
        if epoch == self._stop_at:
            raise StoppedError
        results = {name: value for name, value in metrics.items() if name != "samples_per_s"}
        self.logged.append((epoch, results, dict(images or {})))


def tensorflow_state(folder: Path) -> dict[str, Any]:
    """All arrays of the newest checkpoint."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(folder))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if "OBJECT" not in name}


def lightning_state(folder: Path) -> dict[str, Any]:
    """Content of the newest checkpoint."""
    from pipelines.training.on_torch.checkpoints import latest_checkpoint

    newest = latest_checkpoint(folder)
    assert newest is not None
    return newest[1]


def assert_same(actual: Any, expected: Any, path: str = "state") -> None:
    """Assert that nested dictionaries, lists and arrays are exactly equal."""
    if isinstance(actual, dict):
        assert actual.keys() == expected.keys(), path
        for key in actual:
            assert_same(actual[key], expected[key], f"{path}.{key}")
    elif isinstance(actual, list | tuple):
        for index, (item, expected_item) in enumerate(zip(actual, expected, strict=True)):
            assert_same(item, expected_item, f"{path}.{index}")
    else:  # arrays, tensors, numbers, strings
        assert np.array_equal(np.asarray(actual), np.asarray(expected)), path
