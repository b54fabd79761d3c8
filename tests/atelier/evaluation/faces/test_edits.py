import numpy as np
import pytest

from atelier.evaluation.faces.edits import measure_edits

REQUESTS = (-2.0, -1.0, 1.0, 2.0)


class Toy:
    """The latents are two numbers; an edit of `age` moves the second by a fraction, too."""

    def __init__(self, leak=0.0, noise=0.0):
        self.leak, self.noise = leak, noise

    def encode(self, images):
        return images.astype(np.float32)

    def decode(self, latents):
        return latents

    def edit(self, latents, changes):
        random = np.random.default_rng(len(changes)).normal(0, 1, latents.shape) * self.noise
        moved = latents.astype(float) + random
        moved[:, 0] += 10 * changes.get("age", 0)
        moved[:, 1] += 0.5 * changes.get("gender", 0) + 0.5 * self.leak * changes.get("age", 0)
        return moved


def judge(images):
    return {"age": images[:, 0], "gender": images[:, 1]}


def measure(editor, faces=None):
    latents = np.zeros((30, 2)) if faces is None else faces
    same = lambda images: np.ones((len(images), 1))  # noqa: E731
    return measure_edits(editor, latents, {"age": 10.0, "gender": 0.5}, REQUESTS, judge, same)


def test_an_edit_that_does_what_was_asked() -> None:
    edits = measure(Toy())
    assert edits.slopes("age", "age") == pytest.approx(np.ones(30))
    assert edits.correlation("age", 50, 0).value == pytest.approx(1)
    assert edits.leakage(np.ones(30, bool)) == pytest.approx(np.eye(2))
    assert (edits.identity == 1).all()


def test_what_leaks_is_in_the_row_of_what_was_asked() -> None:
    edits = measure(Toy(leak=-0.4))
    assert edits.leakage(np.ones(30, bool)) == pytest.approx(np.array([[1, -0.4], [0, 1]]))


def test_noise_lowers_the_correlation_and_not_the_slope() -> None:
    rng = np.random.default_rng(0)

    class Noisy(Toy):
        def edit(self, latents, changes):
            return super().edit(latents, changes) + rng.normal(0, 15, latents.shape)

    edits = measure(Noisy(), np.zeros((500, 2)))
    correlation = edits.correlation("age", 200, 0)
    assert edits.slopes("age", "age").mean() == pytest.approx(1, abs=0.1)
    assert correlation.value == pytest.approx(np.corrcoef(np.repeat(REQUESTS, 500), edits.moved[0, :, 0].ravel())[0, 1])
    assert 0.6 < correlation.low < correlation.value < correlation.high < 0.85


def test_an_edit_that_does_nothing_has_no_correlation() -> None:
    class Still(Toy):
        def edit(self, latents, changes):
            return latents

    assert np.isnan(measure(Still()).correlation("age", 20, 0).value)
