import numpy as np
import pytest
import torch

from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.training.on_torch.perceptual import FeatureExtractor
from pipelines.training.on_torch.tensor_ops import gram
from tests.helpers.perceptual_networks import SIZES, assert_features_close, images, squeezenet, write_perceptual


def as_tensor(batch: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(batch).permute(0, 3, 1, 2)


def compare(perceptual: Perceptual) -> None:
    extractor, reference = FeatureExtractor(perceptual), Extractor(perceptual)
    for size in SIZES:
        batch = images(*size)
        actual = {layer: features.numpy() for layer, features in extractor(as_tensor(batch)).items()}
        assert_features_close(reference(batch), actual)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_features_equal_those_of_the_onnx_graph_at_any_size(tmp_path, name) -> None:
    compare(write_perceptual(tmp_path / name, name))


@pytest.mark.mirror
def test_trained_features_equal_those_of_the_onnx_graph(tmp_path, mirror) -> None:
    compare(squeezenet(tmp_path, mirror))


def test_the_gradient_is_that_of_the_image_and_no_weight_is_trained_or_saved(tmp_path) -> None:
    extractor = FeatureExtractor(write_perceptual(tmp_path / "squeezenet", "squeezenet"))
    assert not list(extractor.parameters())
    assert not extractor.state_dict()
    image = as_tensor(images(34, 35)).requires_grad_()
    loss = torch.stack([features.square().mean() for features in extractor(image).values()]).sum()
    (gradient,) = torch.autograd.grad(loss, image)
    step = 1e-1 * gradient.sign()
    raised, lowered = (
        sum(float(features.square().mean()) for features in extractor(image.detach() + way * step).values())
        for way in (1, -1)
    )
    assert raised - lowered == pytest.approx(2 * float((gradient * step).sum()), rel=0.05)


def test_weights_are_copied(tmp_path) -> None:
    perceptual = write_perceptual(tmp_path / "random", "random")
    before = perceptual.weights["conv1.weight"].copy()
    for buffer in FeatureExtractor(perceptual).buffers():
        buffer.zero_()
    assert np.array_equal(perceptual.weights["conv1.weight"], before)


def test_gram_is_the_mean_of_products_of_channels() -> None:
    features = np.random.default_rng(0).normal(size=(2, 4, 3, 5)).astype(np.float32)
    expected = np.einsum("bihw,bjhw->bij", features, features) / 15
    np.testing.assert_allclose(gram(torch.from_numpy(features)), expected, rtol=1e-5, atol=1e-6)
