import pytest
import tensorflow as tf
import torch

from pipelines.training.losses import weighted_sum


@pytest.mark.parametrize("scalar", [tf.constant, torch.tensor])
def test_the_sum_multiplies_each_loss_by_its_weight(scalar) -> None:
    losses = {"a": scalar(2.0), "b": scalar(3.0)}
    assert float(weighted_sum(losses, {"a": 1.0, "b": 10.0, "c": 7.0})) == 32


@pytest.mark.parametrize("scalar", [tf.constant, torch.tensor])
def test_a_loss_without_a_weight_is_an_error(scalar) -> None:
    with pytest.raises(KeyError, match="b"):
        weighted_sum({"b": scalar(3.0)}, {"a": 1.0})
