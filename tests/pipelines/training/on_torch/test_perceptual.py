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
    taps, extractor = FeatureExtractor(perceptual), Extractor(perceptual)
    for size in SIZES:
        batch = images(*size)
        own = {tap: features.numpy() for tap, features in taps(as_tensor(batch)).items()}
        assert_features_close(extractor(batch), own)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_features_are_those_of_the_onnx_graph_at_any_size(tmp_path, name) -> None:
    compare(write_perceptual(tmp_path / name, name))


@pytest.mark.mirror
def test_trained_features_are_those_of_the_onnx_graph(tmp_path, mirror) -> None:
    compare(squeezenet(tmp_path, mirror))


def test_the_image_has_a_gradient_and_the_network_nothing_to_train_or_to_save(tmp_path) -> None:
    taps = FeatureExtractor(write_perceptual(tmp_path / "squeezenet", "squeezenet"))
    assert not list(taps.parameters())
    assert not taps.state_dict()
    image = as_tensor(images(34, 35)).requires_grad_()
    loss = torch.stack([features.square().mean() for features in taps(image).values()]).sum()
    (gradient,) = torch.autograd.grad(loss, image)
    step = 1e-1 * gradient.sign()
    raised, lowered = (
        sum(float(features.square().mean()) for features in taps(image.detach() + way * step).values())
        for way in (1, -1)
    )
    assert raised - lowered == pytest.approx(2 * float((gradient * step).sum()), rel=0.05)


def test_what_was_read_is_not_shared(tmp_path) -> None:
    perceptual = write_perceptual(tmp_path / "random", "random")
    before = perceptual.weights["conv1.weight"].copy()
    for buffer in FeatureExtractor(perceptual).buffers():
        buffer.zero_()
    assert np.array_equal(perceptual.weights["conv1.weight"], before)


def test_gram_is_the_mean_of_products_of_channels() -> None:
    features = np.random.default_rng(0).normal(size=(2, 4, 3, 5)).astype(np.float32)
    expected = np.einsum("bihw,bjhw->bij", features, features) / 15
    np.testing.assert_allclose(gram(torch.from_numpy(features)), expected, rtol=1e-5, atol=1e-6)
