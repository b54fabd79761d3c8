import pytest
import torch

from pipelines.families.quickdraw_classifier.model import MAX_PARAMETERS, DoodleNet
from pipelines.training.on_torch.exporting import parameter_count
from tests.helpers.family_settings import family_settings


@pytest.mark.parametrize(("widths", "depths"), [((8,), (1,)), ((8, 16), (1, 2)), ((8, 12, 16), (1, 1, 1))])
def test_one_logit_a_class_and_as_many_features_as_the_last_width(
    widths: tuple[int, ...], depths: tuple[int, ...]
) -> None:
    network = DoodleNet(5, widths, depths).eval()
    images = torch.rand(3, 1, 28, 28)
    assert network(images).shape == (3, 5)
    assert network.features(images).shape == (3, widths[-1])


def test_the_default_stays_within_the_budget_for_all_345_categories() -> None:
    defaults = family_settings("quickdraw_classifier").model
    assert parameter_count(DoodleNet(345, defaults.widths, defaults.depths)) <= MAX_PARAMETERS


def test_a_network_over_the_budget_is_refused_with_what_to_change() -> None:
    with pytest.raises(ValueError, match=r"lower model\.widths"):
        DoodleNet(345, (96, 192), (2, 2))


def test_a_block_starts_as_its_shortcut() -> None:
    block = DoodleNet(2, (8,), (1,)).blocks[0].eval()
    positive = torch.rand(2, 8, 14, 14)
    torch.testing.assert_close(block(positive), positive)
