import numpy as np
import pytest
import torch

from pipelines.families.psp.directions import fit_directions
from pipelines.families.psp.response import rescaled, responses, slopes, usable_range

TRUE = np.array([[1.0, 0, 0, 0], [1, 2, 0, 0]])
"""Directions of two attributes in latents (layers 2, width 2)."""


def faces(count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Latents and attributes that are correlated."""
    rng = np.random.default_rng(0)
    labels = rng.standard_normal((count, 2))
    labels[:, 1] = 0.6 * labels[:, 0] + 0.8 * labels[:, 1]
    latents = labels @ TRUE + 0.1 * rng.standard_normal((count, 4)) + 3
    return latents.reshape(count, 2, 2).astype(np.float32), labels.astype(np.float32)


def test_directions_are_found_although_the_attributes_are_correlated() -> None:
    found = fit_directions(*faces(), ridge=0.0, orthogonal=False)
    np.testing.assert_allclose(found.reshape(2, 4), TRUE, atol=0.02)


def test_some_missing_labels_do_not_turn_the_directions() -> None:
    latents, labels = faces()
    labels[::10, 0] = np.nan
    found = fit_directions(latents, labels, ridge=0.0, orthogonal=False).reshape(2, 4)
    cosine = (found * TRUE).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(TRUE, axis=1)
    assert (cosine > 0.98).all()


def test_faces_without_labels_do_not_make_directions_shorter() -> None:
    latents, labels = faces()
    labels[::2] = np.nan
    found = fit_directions(latents, labels, ridge=0.0, orthogonal=False)
    np.testing.assert_allclose(found.reshape(2, 4), TRUE, atol=0.03)


def test_orthogonal_directions_are_orthogonal_and_keep_their_sign() -> None:
    found = fit_directions(*faces(), ridge=0.0, orthogonal=True).reshape(2, 4)
    first, second = found
    # Each is orthogonal to the other as it was before.
    assert first @ TRUE[1] == pytest.approx(0, abs=0.05)
    assert second @ TRUE[0] == pytest.approx(0, abs=0.05)
    assert first @ TRUE[0] > 0
    assert second @ TRUE[1] > 0


def test_a_large_penalty_shortens_the_directions() -> None:
    none, large = (fit_directions(*faces(), ridge=ridge, orthogonal=False) for ridge in (0.0, 10.0))
    assert np.linalg.norm(large) < 0.3 * np.linalg.norm(none)


def attributes(latents: torch.Tensor) -> torch.Tensor:
    """The first attribute is half of a latent and leaks into the second one."""
    flat = latents.flatten(1)
    return torch.stack([0.5 * flat[:, 0], 0.2 * flat[:, 0] + flat[:, 1]], dim=1)


def test_rescaled_directions_have_a_slope_of_one() -> None:
    latents, directions = torch.randn(70, 2, 2), torch.eye(4)[:2].reshape(2, 2, 2)
    scaled, before = rescaled(attributes, latents, directions)
    np.testing.assert_allclose(before, [0.5, 1], atol=1e-5)
    after = slopes(responses(attributes, latents, scaled, (-1.0, 1.0)))
    np.testing.assert_allclose(after, [[1, 0.4], [0, 1]], atol=1e-5)


def test_a_direction_without_effect_is_not_blown_up() -> None:
    scaled, before = rescaled(lambda latents: 0 * latents[:, 0], torch.randn(5, 2, 2), torch.ones(2, 2, 2))
    assert torch.equal(scaled, torch.ones(2, 2, 2))
    assert (before == 0).all()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ([-2.0, -1, 0, 1, 2], (-2, 2)),
        ([-1.1, -1, 0, 1, 2], (-1, 2)),  # another step down changes little
        ([-2.0, -1, 0, 1, 0.5], (-2, 1)),  # and another step up changes it back
        ([0.0, 0, 0, 0, 0], (0, 0)),
    ],
)
def test_the_range_ends_where_a_step_changes_little(change, expected) -> None:
    assert usable_range([-2.0, -1, 0, 1, 2], change, min_slope=0.25) == expected
