import pytest

from atelier.model_card import Metric
from atelier.registry.gate.intervals import with_interval


@pytest.mark.parametrize(
    ("metric", "sign", "text"),
    [
        (None, "", ""),
        (Metric(value=0.5, low=0.5, high=0.5), "", "0.5000"),
        (Metric(value=0.5, low=0.4, high=0.6), "", "0.5000 (0.4000 to 0.6000)"),
        (Metric(value=0.05, low=-0.1, high=0.2), "+", "+0.0500 (-0.1000 to +0.2000)"),
    ],
)
def test_a_value_with_its_interval(metric, sign, text):
    assert with_interval(metric, sign) == text
