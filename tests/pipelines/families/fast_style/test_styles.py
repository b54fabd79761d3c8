import hashlib

import numpy as np
import pytest
from pydantic import ValidationError

from atelier.errors import BadInputError
from atelier.preprocessing.images import center_crop, decode
from pipelines.families.fast_style.settings import FastStyleSettings, StyleSettings
from pipelines.families.fast_style.style_names import color_names
from pipelines.families.fast_style.styles import resized, select_styles
from pipelines.lifecycle.contracts import fingerprint
from pipelines.lifecycle.job import job_key
from tests.helpers.image_files import encode, random_image
from tests.helpers.image_sets import COUNTS


def test_the_first_training_paintings_are_named_by_their_colors(inputs) -> None:
    styles = select_styles(inputs.van_gogh, StyleSettings(count=3, paintings={}, size=32))
    train = inputs.van_gogh.split("train")
    assert [style.name for style in styles] == list(color_names(train["image"][:3]))
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


@pytest.fixture
def sea(tmp_path):
    """A painting of one's own, wider than high."""
    (tmp_path / "sea.jpg").write_bytes(encode(random_image(77, 90, 150)))
    return tmp_path / "sea.jpg"


def test_a_painting_may_be_a_file(inputs, sea) -> None:
    settings = StyleSettings(count=1, paintings={"sea": str(sea), "Irises": "020003"}, size=32)
    styles = select_styles(inputs.van_gogh, settings)
    assert [style.name for style in styles] == ["sea", "Irises"]
    assert styles[0].painting.shape == styles[1].painting.shape
    assert f"{styles[0].item:016x}" == hashlib.blake2b(sea.read_bytes(), digest_size=16).hexdigest()[:16]
    np.testing.assert_array_equal(styles[0].painting, center_crop(decode(sea.read_bytes()), 48))


def test_the_path_may_be_relative_and_begin_with_the_home_folder(inputs, sea, monkeypatch) -> None:
    monkeypatch.chdir(sea.parent)
    monkeypatch.setenv("HOME", str(sea.parent))
    for path in ("sea.jpg", "./sea.jpg", "~/sea.jpg"):
        assert select_styles(inputs.van_gogh, StyleSettings(count=1, paintings={"sea": path}, size=32))[0].name == "sea"


def test_another_content_of_a_file_is_another_model_and_another_evaluation(inputs, make_settings, sea) -> None:
    keys = []
    for seed in (1, 1, 2):
        sea.write_bytes(encode(random_image(seed)))
        settings = make_settings(styles={"paintings": {"sea": str(sea)}})
        measured = settings.model_dump(mode="json", include=set(settings.evaluation_blocks))
        keys.append((job_key("fast_style", settings, inputs), fingerprint(inputs, settings), measured))
    assert keys[0] == keys[1]
    assert all(one != other for one, other in zip(keys[1], keys[2], strict=True))


def test_settings_of_a_file_are_read_back_without_the_file(sea) -> None:
    settings = StyleSettings(count=1, paintings={"sea": str(sea)}, size=32)
    sea.unlink()
    assert StyleSettings.model_validate_json(settings.model_dump_json()) == settings


def test_a_file_that_changed_after_the_settings_were_read_is_an_error(inputs, sea) -> None:
    settings = StyleSettings(count=1, paintings={"sea": str(sea)}, size=32)
    sea.write_bytes(encode(random_image(1)))
    with pytest.raises(BadInputError, match=r"sea\.jpg has changed since this run began"):
        select_styles(inputs.van_gogh, settings)
    sea.unlink()
    with pytest.raises(BadInputError, match=r"sea\.jpg cannot be read"):
        select_styles(inputs.van_gogh, settings)


def test_a_file_that_is_no_image_is_an_error(inputs, tmp_path) -> None:
    (tmp_path / "sea.jpg").write_bytes(b"no image")
    with pytest.raises(BadInputError, match=r"sea\.jpg cannot be read \(not an image"):
        select_styles(inputs.van_gogh, StyleSettings(count=1, paintings={"sea": str(tmp_path / "sea.jpg")}, size=32))


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ValidationError, match=r"no\.jpg' is neither the beginning of a painting's id .* nor an image"):
        StyleSettings(count=1, paintings={"sea": str(tmp_path / "no.jpg")}, size=32)


def test_results_of_other_styles_are_not_comparable() -> None:
    assert FastStyleSettings.evaluation_blocks == {"evaluation", "styles"}


def test_paintings_are_resized_with_antialiasing() -> None:
    checkerboard = np.indices((64, 64)).sum(0)[..., None].repeat(3, 2) % 2 * np.uint8(255)
    small = resized(checkerboard.astype(np.uint8), 16)
    assert small.shape == (16, 16, 3)
    assert np.abs(small.astype(int) - 127).max() < 20
