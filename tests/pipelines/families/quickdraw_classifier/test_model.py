import pytest
import torch

from pipelines.families.quickdraw_classifier.model import MAX_PARAMETERS, DrawingNet
from pipelines.training.on_torch.exporting import parameter_count
from tests.helpers.family_settings import family_settings


@pytest.mark.parametrize(("widths", "depths"), [((8,), (1,)), ((8, 16), (1, 2)), ((8, 12, 16), (1, 1, 1))])
def test_shapes_of_logits_and_features(widths: tuple[int, ...], depths: tuple[int, ...]) -> None:
    network = DrawingNet(5, widths, depths).eval()
    images = torch.rand(3, 1, 28, 28)
    assert network(images).shape == (3, 5)
    assert network.features(images).shape == (3, widths[-1])


def test_the_base_parameters_are_within_the_budget_for_all_345_categories() -> None:
    model = family_settings("quickdraw_classifier").model
    assert parameter_count(DrawingNet(345, model.widths, model.depths)) <= MAX_PARAMETERS


def test_a_network_with_too_many_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lower model\.widths"):
        DrawingNet(345, (96, 192), (2, 2))


def test_a_block_is_initialized_as_its_shortcut() -> None:
    block = DrawingNet(2, (8,), (1,)).blocks[0].eval()
    positive = torch.rand(2, 8, 14, 14)
    torch.testing.assert_close(block(positive), positive)
