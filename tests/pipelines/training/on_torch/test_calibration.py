import pytest
import torch
from torch.nn import functional

from pipelines.families.quickdraw_classifier.model import DrawingNet
from pipelines.training.on_torch.calibration import TEMPERATURE_RANGE, calibrate, fit_temperature


def logits_and_labels(items: int = 4000, classes: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits, and labels drawn from the corresponding probabilities."""
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(items, classes, generator=generator)
    return logits, torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    logits, labels = logits_and_labels()
    assert fit_temperature(temperature * logits[None], labels) == pytest.approx(temperature, rel=0.06)


def test_the_mean_over_views_is_calibrated() -> None:
    generator = torch.Generator().manual_seed(1)
    views = 2 * torch.randn(2, 20_000, 5, generator=generator)
    labels = torch.multinomial(views.softmax(2).mean(0), 1, generator=generator)[:, 0]
    assert fit_temperature(1.5 * views, labels) == pytest.approx(1.5, rel=0.06)
    assert fit_temperature(1.5 * views[:1], labels) > 2  # one view says less about the labels


def test_the_temperature_is_bounded_when_all_predictions_are_correct() -> None:
    labels = torch.arange(5)
    assert fit_temperature(functional.one_hot(labels).float()[None], labels) == TEMPERATURE_RANGE[0]


def test_calibration_divides_the_logits_by_the_temperature() -> None:
    network = DrawingNet(3, (8,), (1,)).eval()
    images = torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        before = network(images)
        calibrate(network.head, 2.0)
        torch.testing.assert_close(network(images), before / 2)
