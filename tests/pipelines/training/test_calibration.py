import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.training.calibration import TEMPERATURE_RANGE, fit_temperature


def logits_and_labels(items: int = 4000, classes: int = 5) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits, and labels drawn from the corresponding probabilities."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (items, classes))
    return logits, (logits + rng.gumbel(size=logits.shape)).argmax(1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    logits, labels = logits_and_labels()
    assert fit_temperature(temperature * logits, labels) == pytest.approx(temperature, rel=0.06)


def test_the_temperature_is_bounded_when_all_predictions_are_correct() -> None:
    assert fit_temperature(np.eye(5), np.arange(5)) == pytest.approx(TEMPERATURE_RANGE[0], rel=1e-3)
