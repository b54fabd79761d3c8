import numpy as np
import pytest
from pydantic import ValidationError

from atelier.errors import BadInputError
from pipelines.families.fast_style.settings import FastStyleSettings, StyleSettings
from pipelines.families.fast_style.styles import choose, resized
from tests.helpers.image_sets import COUNTS


def test_the_first_training_paintings_are_called_by_their_ids(inputs) -> None:
    styles = choose(inputs.van_gogh, StyleSettings(count=3, paintings={}, size=32))
    train = inputs.van_gogh.split("train")
    assert [style.name for style in styles] == ["painting 020000", "painting 020001", "painting 020002"]
    assert [style.item for style in styles] == train["id"][:3].tolist()
    assert all((style.painting == train["image"][row]).all() for row, style in enumerate(styles))


def test_named_paintings_are_found_in_any_split_and_keep_their_order(inputs) -> None:
    in_test = COUNTS["train"] + COUNTS["val"] + 1
    styles = choose(
        inputs.van_gogh, StyleSettings(count=1, paintings={"Stars": f"02{in_test:04x}", "Irises": "020003"}, size=32)
    )
    assert [style.name for style in styles] == ["Stars", "Irises"]
    assert (styles[0].painting == inputs.van_gogh.split("test")["image"][1]).all()
    assert (styles[1].painting == inputs.van_gogh.split("train")["image"][3]).all()


def test_too_few_paintings_are_said(inputs) -> None:
    with pytest.raises(BadInputError, match=r"styles\.count asks for 11 paintings, .* has 10"):
        choose(inputs.van_gogh, StyleSettings(count=11, paintings={}, size=32))


@pytest.mark.parametrize(("prefix", "found"), [("ffff", "no"), ("0200", "18")])
def test_the_beginning_of_an_id_fits_one_painting(inputs, prefix, found) -> None:
    with pytest.raises(BadInputError, match=rf"{found} paintings .* '{prefix}' \(Stars\)"):
        choose(inputs.van_gogh, StyleSettings(count=1, paintings={"Stars": prefix}, size=32))


def test_an_id_is_hexadecimal() -> None:
    with pytest.raises(ValidationError, match="paintings"):
        StyleSettings(count=1, paintings={"Stars": "xyz123"}, size=32)


def test_results_compare_only_under_the_same_styles() -> None:
    assert FastStyleSettings.evaluation_blocks == {"evaluation", "styles"}


def test_paintings_are_resized_without_aliases() -> None:
    chequered = np.indices((64, 64)).sum(0)[..., None].repeat(3, 2) % 2 * np.uint8(255)
    small = resized(chequered.astype(np.uint8), 16)
    assert small.shape == (16, 16, 3)
    assert np.abs(small.astype(int) - 127).max() < 20
