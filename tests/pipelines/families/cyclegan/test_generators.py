import keras
import numpy as np
import pytest

from pipelines.families.cyclegan.generators import OUTPUT_LAYER, PadToMultiple, build_generator, served_generator
from pipelines.families.cyclegan.settings import ResidualSettings, UNetSettings

RESIDUAL = ResidualSettings(kind="residual", width=4, blocks=1, outer_kernel=3)
UNET = UNetSettings(kind="unet", width=4, levels=3, max_width=8, outer_kernel=3)
SETTINGS = (RESIDUAL, RESIDUAL.model_copy(update={"blocks": 2, "outer_kernel": 7}), UNET)


def painting_generator(settings):
    """A generator with random numbers in its last convolution, which begins with zeros."""
    generator = build_generator(settings, 0, "generator")
    layer = generator.get_layer(OUTPUT_LAYER)
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(0, 0.1, weight.shape) for weight in layer.get_weights()])
    return generator


def images(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 255, (1, height, width, 3)).astype(np.float32)


def test_padding_mirrors_the_last_rows_and_columns() -> None:
    image = images(33, 46)
    padded = np.pad(image, ((0, 0), (0, 3), (0, 2), (0, 0)), mode="symmetric")
    assert np.array_equal(PadToMultiple(4)(image), padded)
    assert np.array_equal(PadToMultiple(4)(padded), padded)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("size", [(32, 32), (33, 47), (35, 62)])
def test_an_image_keeps_its_size(settings, size) -> None:
    assert painting_generator(settings)(images(*size)).shape == (1, *size, 3)


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_new_generator_returns_the_coarse_colors_of_its_input(settings) -> None:
    image = images(32, 32)
    image[:, :16] = 20.0
    result = np.asarray(build_generator(settings, 0, "generator")(image))
    np.testing.assert_allclose(result[:, 4:12], 20.0, atol=1e-3)
    assert np.abs(result.mean() - image.mean()) < 3
    assert result.std() < 0.8 * image.std()


@pytest.mark.parametrize("settings", SETTINGS)
def test_an_output_pixel_depends_on_input_pixels_within_the_reach_only(settings) -> None:
    generator, stride = painting_generator(settings), settings.stride
    side = (2 * settings.reach + 40) // stride * stride
    image, found = images(side, side), 0
    before = np.asarray(generator(image))
    for offset in range(0, stride, max(1, stride // 4)):
        center, changed = side // 2 // stride * stride + offset, image.copy()
        changed[0, center, center] = 255 - changed[0, center, center]
        rows, columns = np.nonzero(np.abs(np.asarray(generator(changed)) - before).max((0, 3)))
        found = max(found, *np.abs(rows - center), *np.abs(columns - center))
    assert settings.reach - 2 <= found <= settings.reach


def test_a_served_generator_returns_values_of_pixels() -> None:
    served = served_generator(painting_generator(RESIDUAL))
    picture = np.asarray(served(images(32, 32) * 40 - 5000)["picture"])
    assert picture.min() == 0
    assert picture.max() == 255


def test_weights_depend_on_the_seed_only() -> None:
    first, again, other = (build_generator(UNET, seed, "generator").get_weights() for seed in (0, 0, 1))
    assert all((one == two).all() for one, two in zip(first, again, strict=True))
    assert any((one != two).any() for one, two in zip(first, other, strict=True))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision_keeps_weights_and_output_in_float32(precision) -> None:
    generator = build_generator(RESIDUAL, 0, "generator", precision)
    assert {weight.dtype for weight in generator.weights} == {"float32"}
    assert generator.output.dtype == "float32"
    assert generator.get_layer(OUTPUT_LAYER).compute_dtype == precision
    assert keras.config.dtype_policy().name == "float32"
