import pytest
import torch

from pipelines.on_torch.losses import weighted_sum


def test_the_sum_takes_each_loss_by_its_weight() -> None:
    losses = {"a": torch.tensor(2.0), "b": torch.tensor(3.0)}
    assert weighted_sum(losses, {"a": 1.0, "b": 10.0}).item() == 32


def test_a_loss_without_a_weight_is_an_error() -> None:
    with pytest.raises(KeyError, match="b"):
        weighted_sum({"b": torch.tensor(3.0)}, {"a": 1.0})
