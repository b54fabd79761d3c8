import math

import pytest
import torch

from pipelines.families.quickdraw_classifier.losses import classification_losses


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_the_number_of_classes() -> None:
    losses = classification_losses(torch.zeros(2, 4), torch.eye(4)[:2])
    assert losses["cross_entropy"].item() == pytest.approx(math.log(4))


def test_label_smoothing_penalizes_confidence() -> None:
    confident = torch.tensor([[50.0, 0.0]])
    target = torch.tensor([[1.0, 0.0]])
    assert classification_losses(confident, target, 0.0)["cross_entropy"] < 1e-6
    assert classification_losses(confident, target, 0.1)["cross_entropy"].item() == pytest.approx(2.5)
