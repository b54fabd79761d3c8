import numpy as np
import pytest
from PIL import Image

from atelier.errors import AtelierError, BadInputError
from atelier.predictors.stylizer import ArbitraryStylizer, FastStylizer, blend, keep_colors
from tests.helpers.stylizer_champions import (
    COLORS,
    STATISTICS,
    arbitrary_spec,
    arbitrary_stylizer,
    fast_spec,
    fast_stylizer,
)


def picture(height=40, width=57, seed=0):
    return np.random.default_rng(seed).integers(60, 190, (height, width, 3), np.uint8)


def mixed(photo, color, strength):
    return photo + strength * (np.array(color) - photo) / 2


def test_styles_are_chosen_by_name_and_blend_by_their_proportions():
    photo, stylizer = picture(), fast_stylizer()
    assert stylizer.styles == tuple(COLORS)
    ochre, sea = COLORS["ochre"], COLORS["sea"]
    blended = 0.75 * np.array(ochre) + 0.25 * np.array(sea)
    cases = {
        "alone": ({"sea": 1.0}, mixed(photo, sea, 1.0)),
        "half as strong": ({"sea": 0.5}, mixed(photo, sea, 0.5)),
        "blended": ({"ochre": 0.75, "sea": 0.25}, mixed(photo, blended, 1.0)),
        "sum above 1": ({"ochre": 0.9, "sea": 0.3}, mixed(photo, blended, 1.0)),
    }
    for name, (weights, expected) in cases.items():
        found = stylizer.stylize(photo, weights)
        assert found.dtype == np.uint8
        np.testing.assert_allclose(found, expected, atol=0.51, err_msg=name)


def test_without_weights_the_photo_is_unchanged():
    photo = picture()
    for weights in ({}, {"sea": 0.0}):
        np.testing.assert_array_equal(fast_stylizer().stylize(photo, weights), photo)


def test_stylized_photos_take_on_the_statistics_of_the_painting():
    photo, painting, stylizer = picture(), picture(33, 64, seed=1) // 2, arbitrary_stylizer()
    statistics = stylizer.statistics(painting)
    assert statistics.shape == (STATISTICS,)
    np.testing.assert_allclose(statistics[:3], painting.mean(axis=(0, 1)), rtol=1e-4)
    stylized = stylizer.stylize(photo, statistics)
    assert stylized.shape == photo.shape
    np.testing.assert_allclose(stylized.mean(axis=(0, 1)), painting.mean(axis=(0, 1)), atol=0.5)
    np.testing.assert_allclose(stylized.std(axis=(0, 1)), painting.std(axis=(0, 1)), rtol=0.02)


def test_strength_goes_from_the_photo_to_the_painting():
    photo, stylizer = picture(), arbitrary_stylizer()
    statistics = stylizer.statistics(picture(seed=1) // 2)
    np.testing.assert_array_equal(stylizer.stylize(photo, statistics, 0.0), photo)
    half = stylizer.stylize(photo, statistics, 0.5).mean(axis=(0, 1))
    np.testing.assert_allclose(half, (photo.mean(axis=(0, 1)) + statistics[:3]) / 2, atol=0.5)


def test_a_blend_is_the_weighted_mean():
    one, other = np.arange(4.0), np.array([4.0, 0.0, 2.0, 3.0])
    np.testing.assert_allclose(blend([one, other], [1, 3]), [3.0, 0.25, 2.0, 3.0])
    np.testing.assert_allclose(blend([one, other], [2, 6]), blend([one, other], [0.25, 0.75]))
    assert blend([one], [0.3]).dtype == np.float32
    for weights in ([1], [1, 2, 3], [0, 0], [-1, 2], [np.nan, 1]):
        with pytest.raises(BadInputError, match="one weight for each style"):
            blend([one, other], weights)


def test_kept_colors_combine_the_chroma_of_the_photo_and_the_luminance_of_the_result():
    photo, stylized = picture(seed=2), picture(seed=3) // 4 + 90
    kept = keep_colors(stylized, photo)
    of = {name: np.asarray(Image.fromarray(image).convert("YCbCr"), float) for name, image in
          {"kept": kept, "photo": photo, "stylized": stylized}.items()}  # fmt: skip
    inside = ((kept > 0) & (kept < 255)).all(axis=2)
    assert inside.mean() > 0.9
    assert np.abs(of["kept"][..., 0] - of["stylized"][..., 0])[inside].max() <= 1
    assert np.abs(of["kept"][..., 1:] - of["photo"][..., 1:])[inside].max() <= 1
    np.testing.assert_array_equal(keep_colors(photo, photo), photo)
    with pytest.raises(BadInputError, match="differ in size"):
        keep_colors(stylized[1:], photo)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((31, 40, 3), np.uint8), np.zeros((40, 40), np.uint8), np.zeros((40, 40, 3), np.float32)],
    ids=["small", "gray", "float"],
)
def test_arrays_that_are_not_images_are_refused(wrong):
    with pytest.raises(BadInputError, match="at least 32 pixels"):
        fast_stylizer().stylize(wrong, {"sea": 1.0})
    with pytest.raises(BadInputError, match="at least 32 pixels"):
        arbitrary_stylizer().statistics(wrong)


def test_invalid_arguments_are_refused():
    photo, fast, arbitrary = picture(), fast_stylizer(), arbitrary_stylizer()
    with pytest.raises(BadInputError, match=r"no style 'see'.*sea"):
        fast.stylize(photo, {"see": 1.0})
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(BadInputError, match="weight of sea must be from 0 to 1"):
            fast.stylize(photo, {"sea": value})
        with pytest.raises(BadInputError, match="strength must be from 0 to 1"):
            arbitrary.stylize(photo, np.zeros(STATISTICS, np.float32), value)
    with pytest.raises(BadInputError, match="6 numbers"):
        arbitrary.stylize(photo, np.zeros(5, np.float32))
    with pytest.raises(BadInputError, match="no input 'weights'"):
        FastStylizer(None, arbitrary_spec())
    with pytest.raises(BadInputError, match="no input 'style'"):
        ArbitraryStylizer(None, fast_spec())


class Diverged:
    def __call__(self, **inputs):
        return {"picture": np.full_like(inputs["image"], np.nan)}

    def only(self, output, **inputs):
        shape = {"picture": inputs["image"].shape, "statistics": (1, STATISTICS)}[output]
        return np.full(shape, np.inf)


def test_nan_and_infinity_are_refused():
    with pytest.raises(AtelierError, match="NaN or infinity"):
        FastStylizer(Diverged(), fast_spec()).stylize(picture(), {"sea": 1.0})
    stylizer = ArbitraryStylizer(Diverged(), arbitrary_spec())
    with pytest.raises(AtelierError, match="NaN or infinity"):
        stylizer.statistics(picture())
    with pytest.raises(AtelierError, match="NaN or infinity"):
        stylizer.stylize(picture(), np.zeros(STATISTICS, np.float32))
