import numpy as np
import pytest
from pydantic import ValidationError

from atelier.errors import BadInputError
from pipelines.families.fast_style.settings import FastStyleSettings, StyleSettings
from pipelines.families.fast_style.styles import resized, select_styles
from tests.helpers.image_sets import COUNTS


def test_the_first_training_paintings_are_named_by_their_ids(inputs) -> None:
    styles = select_styles(inputs.van_gogh, StyleSettings(count=3, paintings={}, size=32))
    train = inputs.van_gogh.split("train")
    assert [style.name for style in styles] == ["painting 020000", "painting 020001", "painting 020002"]
    assert [style.item for style in styles] == train["id"][:3].tolist()
    assert all((style.painting == train["image"][row]).all() for row, style in enumerate(styles))


def test_named_paintings_are_found_in_any_split_and_keep_their_order(inputs) -> None:
    in_test = COUNTS["train"] + COUNTS["val"] + 1
    styles = select_styles(
        inputs.van_gogh, StyleSettings(count=1, paintings={"Stars": f"02{in_test:04x}", "Irises": "020003"}, size=32)
    )
    assert [style.name for style in styles] == ["Stars", "Irises"]
    assert (styles[0].painting == inputs.van_gogh.split("test")["image"][1]).all()
    assert (styles[1].painting == inputs.van_gogh.split("train")["image"][3]).all()


def test_too_few_paintings_are_an_error(inputs) -> None:
    with pytest.raises(BadInputError, match=r"styles\.count asks for 11 paintings, .* has 10"):
        select_styles(inputs.van_gogh, StyleSettings(count=11, paintings={}, size=32))


@pytest.mark.parametrize(("prefix", "count"), [("ffff", "no"), ("0200", "18")])
def test_the_first_digits_of_an_id_must_match_one_painting(inputs, prefix, count) -> None:
    with pytest.raises(BadInputError, match=rf"{count} paintings .* '{prefix}' \(Stars\)"):
        select_styles(inputs.van_gogh, StyleSettings(count=1, paintings={"Stars": prefix}, size=32))


def test_an_id_is_hexadecimal() -> None:
    with pytest.raises(ValidationError, match="paintings"):
        StyleSettings(count=1, paintings={"Stars": "xyz123"}, size=32)


def test_results_of_other_styles_are_not_comparable() -> None:
    assert FastStyleSettings.evaluation_blocks == {"evaluation", "styles"}


def test_paintings_are_resized_with_antialiasing() -> None:
    checkerboard = np.indices((64, 64)).sum(0)[..., None].repeat(3, 2) % 2 * np.uint8(255)
    small = resized(checkerboard.astype(np.uint8), 16)
    assert small.shape == (16, 16, 3)
    assert np.abs(small.astype(int) - 127).max() < 20
