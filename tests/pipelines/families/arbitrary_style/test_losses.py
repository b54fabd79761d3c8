import numpy as np
import pytest
import torch

from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.losses import relative_distance, stylisation_losses, variation
from pipelines.training.on_torch.perceptual import Taps
from pipelines.training.style_transfer import StyleLosses
from tests.helpers.perceptual_networks import images, write_perceptual


@pytest.fixture(scope="module")
def perceptual(tmp_path_factory) -> Perceptual:
    return write_perceptual(tmp_path_factory.mktemp("perceptual") / "random", "random")


def as_tensor(batch: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(batch).permute(0, 3, 1, 2)


def losses(perceptual: Perceptual, *trio: np.ndarray) -> dict[str, float]:
    taps, tensors = Taps(perceptual), [as_tensor(batch) for batch in trio]
    found = stylisation_losses(tensors[0], *(taps(image) for image in tensors), perceptual.architecture)
    return {name: float(loss) for name, loss in found.items()}


def test_content_and_style_are_the_distances_of_the_evaluation(perceptual) -> None:
    trio = [images(32, 40, seed=seed) for seed in (1, 2, 3)]
    taps = Taps(perceptual)
    judge = ContentStyleDistance(
        perceptual.architecture, lambda image: {k: v.numpy() for k, v in taps(as_tensor(image)).items()}
    )
    judged = judge(*trio)
    found = losses(perceptual, *trio)
    assert found["content"] == pytest.approx(judged.content.mean(), rel=1e-3)
    assert found["style"] == pytest.approx(judged.style.mean(), rel=1e-3)


def test_a_photo_has_its_own_content_and_a_painting_its_own_style(perceptual) -> None:
    one, other = images(32, 32, seed=1), images(32, 32, seed=2)
    assert losses(perceptual, one, one, other)["content"] < 1e-3
    assert losses(perceptual, other, one, other)["style"] < 1e-3


def test_each_loss_has_a_weight(perceptual) -> None:
    one = images(32, 32)
    assert losses(perceptual, one, one, one).keys() == StyleLosses.model_fields.keys()


def test_at_no_distance_the_slope_is_a_number() -> None:
    ours = torch.ones(1, 4, requires_grad=True)
    relative_distance(ours, torch.ones(1, 4)).sum().backward()
    assert torch.isfinite(ours.grad).all()


def test_variation_is_the_mean_step_between_neighbours() -> None:
    columns = torch.tensor([0.0, 255.0]).repeat(4)[None, None, None].expand(1, 3, 6, 8)
    assert float(variation(columns)) == pytest.approx(0.5)
    assert float(variation(torch.full((1, 3, 4, 4), 9.0))) == 0
