import numpy as np
import torch

from pipelines.families.arbitrary_style.statistics import EPSILON, adaptive_instance_norm, instance_norm, statistics


def features(seed: int, channels: int = 3, side: int = 9) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(seed, 2 + seed, (2, channels, side, side + 1)).astype(np.float32))


def test_statistics_are_the_means_and_then_the_standard_deviations() -> None:
    layers = [features(1), features(2, channels=4, side=5)]
    result = statistics(layers).numpy()
    assert result.shape == (2, 14)
    means = np.concatenate([layer.numpy().mean((2, 3)) for layer in layers], axis=1)
    variances = np.concatenate([layer.numpy().var((2, 3)) for layer in layers], axis=1)
    np.testing.assert_allclose(result[:, :7], means, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(result[:, 7:], np.sqrt(variances + EPSILON), rtol=1e-4)


def test_adaptive_instance_norm_sets_the_statistics() -> None:
    photo, painting = ([features(seed), features(seed + 1, channels=4, side=5)] for seed in (1, 5))
    target = statistics(painting)
    changed = adaptive_instance_norm(photo, statistics(photo), target)
    assert [layer.shape for layer in changed] == [layer.shape for layer in photo]
    torch.testing.assert_close(statistics(changed), target, rtol=1e-3, atol=1e-3)


def test_adaptive_instance_norm_with_equal_statistics_does_not_change_features() -> None:
    layers = [features(3)]
    torch.testing.assert_close(
        adaptive_instance_norm(layers, statistics(layers), statistics(layers))[0], layers[0], rtol=1e-4, atol=1e-4
    )


def test_a_constant_channel_gives_finite_features() -> None:
    flat = [torch.full((1, 2, 4, 4), 7.0)]
    result = adaptive_instance_norm(flat, statistics(flat), statistics([features(1, channels=2)[:1]]))[0]
    assert torch.isfinite(result).all()
    assert result.std() < 10


def test_normalized_features_have_mean_0_and_deviation_1() -> None:
    result = instance_norm(features(4))
    torch.testing.assert_close(result.mean((2, 3)), torch.zeros(2, 3), rtol=0, atol=1e-4)
    torch.testing.assert_close(result.std((2, 3), correction=0), torch.ones(2, 3), rtol=1e-3, atol=0)


def test_statistics_of_bfloat16_features_are_float32() -> None:
    assert statistics([features(1).bfloat16()]).dtype == torch.float32
