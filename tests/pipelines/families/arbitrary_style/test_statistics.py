import numpy as np
import torch

from pipelines.families.arbitrary_style.statistics import EPSILON, adapted, normalised, statistics


def features(seed: int, channels: int = 3, side: int = 9) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(seed, 2 + seed, (2, channels, side, side + 1)).astype(np.float32))


def test_statistics_are_means_of_all_channels_and_then_their_standard_deviations() -> None:
    taps = [features(1), features(2, channels=4, side=5)]
    found = statistics(taps).numpy()
    assert found.shape == (2, 14)
    means = np.concatenate([tap.numpy().mean((2, 3)) for tap in taps], axis=1)
    variances = np.concatenate([tap.numpy().var((2, 3)) for tap in taps], axis=1)
    np.testing.assert_allclose(found[:, :7], means, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[:, 7:], np.sqrt(variances + EPSILON), rtol=1e-4)


def test_adapted_features_have_the_wanted_statistics() -> None:
    photo, painting = ([features(seed), features(seed + 1, channels=4, side=5)] for seed in (1, 5))
    wanted = statistics(painting)
    changed = adapted(photo, statistics(photo), wanted)
    assert [tap.shape for tap in changed] == [tap.shape for tap in photo]
    torch.testing.assert_close(statistics(changed), wanted, rtol=1e-3, atol=1e-3)


def test_features_with_their_own_statistics_stay_as_they_are() -> None:
    taps = [features(3)]
    torch.testing.assert_close(adapted(taps, statistics(taps), statistics(taps))[0], taps[0], rtol=1e-4, atol=1e-4)


def test_a_channel_without_contrast_stays_finite() -> None:
    flat = [torch.full((1, 2, 4, 4), 7.0)]
    found = adapted(flat, statistics(flat), statistics([features(1, channels=2)[:1]]))[0]
    assert torch.isfinite(found).all()
    assert found.std() < 10


def test_normalised_features_have_mean_0_and_deviation_1() -> None:
    found = normalised(features(4))
    torch.testing.assert_close(found.mean((2, 3)), torch.zeros(2, 3), rtol=0, atol=1e-4)
    torch.testing.assert_close(found.std((2, 3), correction=0), torch.ones(2, 3), rtol=1e-3, atol=0)


def test_statistics_are_taken_in_float32_of_half_precision_features() -> None:
    assert statistics([features(1).bfloat16()]).dtype == torch.float32
