import math

import pytest
import torch

from pipelines.quickdraw_classifier.losses import classification_losses, weighted_sum


def test_cross_entropy_of_even_logits_is_the_logarithm_of_the_classes() -> None:
    losses = classification_losses(torch.zeros(2, 4), torch.eye(4)[:2])
    assert losses["cross_entropy"].item() == pytest.approx(math.log(4))


def test_smoothing_punishes_certainty() -> None:
    sure = torch.tensor([[50.0, 0.0]])
    target = torch.tensor([[1.0, 0.0]])
    assert classification_losses(sure, target, 0.0)["cross_entropy"] < 1e-6
    assert classification_losses(sure, target, 0.1)["cross_entropy"].item() == pytest.approx(2.5)


def test_the_sum_takes_each_loss_by_its_weight() -> None:
    losses = {"a": torch.tensor(2.0), "b": torch.tensor(3.0)}
    assert weighted_sum(losses, {"a": 1.0, "b": 10.0}).item() == 32


def test_a_loss_without_a_weight_is_an_error() -> None:
    with pytest.raises(KeyError, match="b"):
        weighted_sum({"b": torch.tensor(3.0)}, {"a": 1.0})
