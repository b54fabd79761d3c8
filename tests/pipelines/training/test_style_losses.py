"""The losses of style transfer, on the tensors of both frameworks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch

from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.training.on_tensorflow import perceptual as tensorflow_perceptual
from pipelines.training.on_tensorflow import tensor_ops as tensorflow_ops
from pipelines.training.on_torch import perceptual as torch_perceptual
from pipelines.training.on_torch import tensor_ops as torch_ops
from pipelines.training.style_transfer import LossWeights, TensorOps, style_losses
from tests.helpers.perceptual_networks import images, write_perceptual


@dataclass(frozen=True)
class Framework:
    ops: TensorOps
    extractor: Callable[[Perceptual], Any]
    as_tensor: Callable[[np.ndarray], Any]
    """(n, h, w, c) → the framework's own layout."""


FRAMEWORKS = {
    "torch": Framework(
        torch_ops,
        torch_perceptual.FeatureExtractor,
        lambda batch: torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2))),
    ),
    "tensorflow": Framework(tensorflow_ops, tensorflow_perceptual.FeatureExtractor, tf.constant),
}


@pytest.fixture(scope="module")
def perceptual(tmp_path_factory: pytest.TempPathFactory) -> Perceptual:
    return write_perceptual(tmp_path_factory.mktemp("perceptual") / "random", "random")


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> Framework:
    return FRAMEWORKS[request.param]


def losses(framework: Framework, perceptual: Perceptual, *trio: np.ndarray) -> dict[str, float]:
    """Of stylized images, the photos they were made from, and the paintings."""
    extractor = framework.extractor(perceptual)
    image, photo, painting = (framework.as_tensor(batch) for batch in trio)
    grams = {layer: framework.ops.gram(x) for layer, x in extractor(painting).items()}
    found = style_losses(image, extractor(image), extractor(photo), grams, perceptual.architecture, framework.ops)
    return {name: float(loss) for name, loss in found.items()}


def test_content_and_style_are_the_distances_of_the_evaluation(framework, perceptual) -> None:
    trio = [images(33, 40, 2, seed=seed) for seed in (1, 2, 3)]
    expected = ContentStyleDistance(perceptual.architecture, Extractor(perceptual))(*trio)
    found = losses(framework, perceptual, *trio)
    assert found["content"] == pytest.approx(expected.content.mean(), rel=1e-3)
    assert found["style"] == pytest.approx(expected.style.mean(), rel=1e-3)


def test_a_photo_has_its_own_content_and_a_painting_its_own_style(framework, perceptual) -> None:
    one, other = images(32, 32, seed=1), images(32, 32, seed=2)
    assert losses(framework, perceptual, one, one, other)["content"] < 1e-3
    assert losses(framework, perceptual, other, one, other)["style"] < 1e-3


def test_each_loss_has_a_weight(framework, perceptual) -> None:
    one = images(32, 32)
    assert losses(framework, perceptual, one, one, one).keys() == LossWeights.model_fields.keys()


@pytest.mark.parametrize("across", [False, True])
def test_variation_is_the_mean_difference_of_neighboring_pixels(framework, perceptual, across) -> None:
    stripes = np.zeros((1, 32, 32, 3), np.float32)
    stripes[:, ::2] = 51
    batch = stripes.transpose(0, 2, 1, 3).copy() if across else stripes
    assert losses(framework, perceptual, batch, batch, batch)["variation"] == pytest.approx(0.1)
    even = np.full((1, 32, 32, 3), 9, np.float32)
    assert losses(framework, perceptual, even, even, even)["variation"] == 0


def test_the_gradient_at_distance_0_is_finite() -> None:
    ours = torch.ones(1, 4, requires_grad=True)
    torch_ops.relative_distance(ours, torch.ones(1, 4)).sum().backward()
    assert torch.isfinite(ours.grad).all()
