import numpy as np
import pytest

from atelier.evaluation.stylization import weighted_median as module
from atelier.evaluation.stylization.weighted_median import WeightedMedian


@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_it_is_the_median_with_each_image_repeated_as_often_as_its_weight_says(monkeypatch, chunk):
    monkeypatch.setattr(module, "CHUNK", chunk)
    rng = np.random.default_rng(0)
    values = [rng.integers(0, 9, size).astype(float) for size in (4, 1, 7, 2)]
    weights = rng.integers(0, 4, (50, 4))
    weights[:, 0] += 1
    expected = [np.median(np.concatenate([np.tile(v, n) for v, n in zip(values, row, strict=True)])) for row in weights]
    assert WeightedMedian(values)(weights.astype(float)).tolist() == expected
