import numpy as np
import pytest

from atelier.evaluation.faces.regression import Ridge, fit_directions


@pytest.mark.parametrize("width", [6, 300])
def test_answers_are_not_drawn_to_the_mean(width) -> None:
    """Also with more features than faces, and features that tell little."""
    rng = np.random.default_rng(0)
    labels = rng.normal(50, 10, 400)
    features = rng.normal(0, 1, (400, width))
    features[:, 0] += labels / 10
    ridge = Ridge(features[:200], labels[:200], 0.5)
    answers = ridge(features[200:])
    assert np.cov(answers, labels[200:])[0, 1] / labels[200:].var() == pytest.approx(1, abs=0.25)
    assert ridge.correlation == pytest.approx(np.corrcoef(answers, labels[200:])[0, 1], abs=0.2)


def test_each_direction_is_the_change_while_the_other_attribute_stays() -> None:
    rng = np.random.default_rng(0)
    labels = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 2000)
    directions = np.array([[1.0, 0, 2], [0, 3, 0]])
    latents = labels @ directions + rng.normal(0, 0.1, (2000, 3))
    assert np.abs(fit_directions(latents, labels, 0.0) - directions).max() < 0.02


def test_missing_labels_do_not_turn_a_direction() -> None:
    """Nor does the other attribute take the place of the missing one."""
    rng = np.random.default_rng(0)
    labels = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 6000)
    latents = labels @ np.array([[1.0, 0], [0, 1]])
    labels[::2, 0] = np.nan
    found = fit_directions(latents, labels, 0.0)
    assert np.abs(found - np.eye(2)).max() < 0.1


def test_an_attribute_that_no_face_has_gets_no_direction() -> None:
    labels = np.random.default_rng(0).normal(0, 1, (100, 2))
    labels[:, 1] = np.nan
    found = fit_directions(labels[:, :1], labels, 0.01)
    assert found[0, 0] == pytest.approx(1, abs=0.02)
    assert found[1, 0] == 0
