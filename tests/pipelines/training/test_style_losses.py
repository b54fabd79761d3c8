"""The losses of style transfer, with tensors of both frameworks."""

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
    """Losses of stylized images, photos and paintings."""
    extractor = framework.extractor(perceptual)
    image, photo, painting = (framework.as_tensor(batch) for batch in trio)
    grams = {layer: framework.ops.gram(x) for layer, x in extractor(painting).items()}
    losses = style_losses(image, extractor(image), extractor(photo), grams, perceptual.architecture, framework.ops)
    return {name: float(loss) for name, loss in losses.items()}


def test_content_and_style_are_the_distances_of_the_evaluation(framework, perceptual) -> None:
    trio = [images(33, 40, 2, seed=seed) for seed in (1, 2, 3)]
    expected = ContentStyleDistance(perceptual.architecture, Extractor(perceptual))(*trio)
    actual = losses(framework, perceptual, *trio)
    assert actual["content"] == pytest.approx(expected.content.mean(), rel=1e-3)
    assert actual["style"] == pytest.approx(expected.style.mean(), rel=1e-3)


def test_the_distance_of_an_image_to_itself_is_0(framework, perceptual) -> None:
    first, second = images(32, 32, seed=1), images(32, 32, seed=2)
    assert losses(framework, perceptual, first, first, second)["content"] < 1e-3
    assert losses(framework, perceptual, second, first, second)["style"] < 1e-3


def test_each_loss_has_a_weight(framework, perceptual) -> None:
    batch = images(32, 32)
    assert losses(framework, perceptual, batch, batch, batch).keys() == LossWeights.model_fields.keys()


@pytest.mark.parametrize("across", [False, True])
def test_variation_is_the_mean_difference_of_neighboring_pixels(framework, perceptual, across) -> None:
    stripes = np.zeros((1, 32, 32, 3), np.float32)
    stripes[:, ::2] = 51
    batch = stripes.transpose(0, 2, 1, 3).copy() if across else stripes
    assert losses(framework, perceptual, batch, batch, batch)["variation"] == pytest.approx(0.1)
    constant = np.full((1, 32, 32, 3), 9, np.float32)
    assert losses(framework, perceptual, constant, constant, constant)["variation"] == 0


def test_the_gradient_at_distance_0_is_finite() -> None:
    features = torch.ones(1, 4, requires_grad=True)
    torch_ops.relative_distance(features, torch.ones(1, 4)).sum().backward()
    assert torch.isfinite(features.grad).all()
