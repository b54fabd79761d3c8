import pytest

from pipelines.training.on_torch.schedule import WarmupCosine


def test_the_learning_rate_rises_and_then_falls_to_0() -> None:
    factors = [WarmupCosine(100, 10)(step) for step in range(101)]
    assert factors.index(max(factors)) in (9, 10)
    assert max(factors) == 1
    assert factors[:10] == sorted(factors[:10])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[100] == pytest.approx(0)


def test_the_final_learning_rate_may_be_above_0() -> None:
    factors = [WarmupCosine(100, 10, final=0.02)(step) for step in range(102)]
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[100] == factors[101] == pytest.approx(0.02)
