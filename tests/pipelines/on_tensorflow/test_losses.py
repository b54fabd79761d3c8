import pytest
import tensorflow as tf

from pipelines.on_tensorflow.losses import weighted_sum


def test_weighted_sum_asks_for_every_weight() -> None:
    losses = {"a": tf.constant(2.0), "b": tf.constant(3.0)}
    assert float(weighted_sum(losses, {"a": 1.0, "b": 0.5, "c": 7.0})) == 3.5
    with pytest.raises(KeyError):
        weighted_sum(losses, {"a": 1.0})
