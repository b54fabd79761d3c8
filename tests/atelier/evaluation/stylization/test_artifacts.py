import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.evaluation.stylization.artifacts import (
    BORDER_LIMIT,
    CHECKERBOARD_LIMIT,
    border_strength,
    checkerboard_strength,
    shift_instability,
    shifted_views,
)


def scene(seed: int = 0, height: int = 128, width: int = 160, contrast: float = 40.0) -> np.ndarray:
    """uint8 noise whose amplitude falls with the frequency, as in natural images (Field 1987)."""
    rng = np.random.default_rng(seed)
    # The result of a Fourier transform is periodic and images are not, so it is made twice as large and cropped.
    down, across = np.fft.fftfreq(2 * height)[:, None], np.fft.fftfreq(2 * width)
    falling = 1 / np.maximum(np.hypot(down, across), 1 / width)[..., None]
    noise = np.fft.ifft2(
        np.fft.fft2(rng.standard_normal((2 * height, 2 * width, 3)), axes=(0, 1)) * falling, axes=(0, 1)
    )
    picture = noise.real[:height, :width]
    return np.clip(127 + contrast * picture / picture.std(), 0, 255).astype(np.uint8)


def with_pattern(picture: np.ndarray, pattern: np.ndarray, amplitude: float) -> np.ndarray:
    return np.clip(np.rint(picture + amplitude * pattern[..., None]), 0, 255).astype(np.uint8)


def grid(name: str, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    patterns = {
        "columns, 2": (-1.0) ** x,
        "rows, 2": (-1.0) ** y,
        "checkerboard, 2": (-1.0) ** (x + y),
        "lines, 4": np.where((x % 4 == 0) | (y % 4 == 0), 1.0, -0.8),
        "columns, 4": np.where(x % 4 < 2, 1.0, -1.0),
        "checkerboard, 4": np.where(x % 4 < 2, 1.0, -1.0) * np.where(y % 4 < 2, 1.0, -1.0),
    }
    return patterns[name]


GRIDS = ["columns, 2", "rows, 2", "checkerboard, 2", "lines, 4", "columns, 4", "checkerboard, 4"]


@pytest.mark.parametrize("name", GRIDS)
def test_a_checkerboard_is_found(name: str) -> None:
    for seed in range(5):
        picture = scene(seed)
        found = checkerboard_strength(with_pattern(picture, grid(name, *picture.shape[:2]), 4))
        assert found > CHECKERBOARD_LIMIT > checkerboard_strength(picture)


def test_a_checkerboard_on_edges_only_is_found() -> None:
    for seed in range(5):
        picture = scene(seed)
        edges = np.abs(np.gradient(picture.mean(axis=2))[0])
        pattern = grid("columns, 2", *picture.shape[:2]) * edges / edges.mean()
        assert checkerboard_strength(with_pattern(picture, pattern, 4)) > CHECKERBOARD_LIMIT


def test_strength_rises_with_the_amplitude_and_hardly_depends_on_the_position() -> None:
    picture = scene()
    pattern = grid("lines, 4", *picture.shape[:2])
    strengths = [checkerboard_strength(with_pattern(picture, pattern, amplitude)) for amplitude in (0, 4, 8, 16)]
    assert strengths == sorted(strengths)
    moved = checkerboard_strength(with_pattern(picture, np.roll(pattern, (1, 3), (0, 1)), 8))
    assert moved == pytest.approx(strengths[2], rel=0.3)


def test_patterns_of_other_periods_are_not_found() -> None:
    picture = scene()
    x = np.arange(picture.shape[1])
    waves = np.broadcast_to(np.sin(2 * np.pi * x / 11), picture.shape[:2])
    assert checkerboard_strength(with_pattern(picture, waves, 8)) < CHECKERBOARD_LIMIT


def test_images_without_detail_have_no_checkerboard() -> None:
    plain = np.full((64, 64, 3), 200, np.uint8)
    ramp = np.broadcast_to(np.linspace(0, 255, 96)[:, None, None], (96, 80, 3))
    assert checkerboard_strength(plain) == pytest.approx(1)
    assert checkerboard_strength(ramp) < CHECKERBOARD_LIMIT


def test_a_transposed_convolution_whose_stride_does_not_divide_its_kernel_is_found() -> None:
    small = scene(height=64, width=64)
    writes = np.zeros((130, 130, 3))
    for down in range(3):
        for across in range(3):
            writes[down : down + 128 : 2, across : across + 128 : 2] += small / 2.25
    assert checkerboard_strength(np.clip(writes, 0, 255)) > CHECKERBOARD_LIMIT
    smooth = np.asarray(Image.fromarray(small).resize((128, 128), Image.Resampling.BICUBIC))
    assert checkerboard_strength(smooth) < CHECKERBOARD_LIMIT


def framed(picture: np.ndarray, width: int, amount: float, fading: bool = False) -> np.ndarray:
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    depth = np.minimum.reduce([y, x, picture.shape[0] - 1 - y, picture.shape[1] - 1 - x])
    mask = np.maximum(0, 1 - depth / width) if fading else (depth < width).astype(float)
    return with_pattern(picture, mask, amount)


@pytest.mark.parametrize(
    ("width", "amount", "fading"), [(1, 10, False), (2, -10, False), (4, -10, False), (4, 40, True)]
)
def test_a_border_is_found(width: int, amount: float, fading: bool) -> None:
    scenes = [scene(seed, 96 + seed, 120) for seed in range(12)]
    assert border_strength(framed(picture, width, amount, fading) for picture in scenes) > BORDER_LIMIT
    assert border_strength(scenes) < BORDER_LIMIT


def test_a_border_of_varying_sign_is_found() -> None:
    signs = np.random.default_rng(0).choice([-1, 1], 12)
    assert border_strength(framed(scene(seed), 2, 10 * sign) for seed, sign in enumerate(signs)) > BORDER_LIMIT


def test_frames_of_a_few_images_are_not_a_border() -> None:
    pictures = [framed(scene(seed), 3, -60 if seed < 3 else 0) for seed in range(12)]
    assert border_strength(pictures) < BORDER_LIMIT


def test_uniform_images_have_no_border() -> None:
    assert border_strength([np.full((64, 64, 3), 9, np.uint8)]) == 0


def test_an_image_that_moves_with_its_content_is_stable() -> None:
    first, second = shifted_views(scene().astype(float))
    assert shift_instability(255 - first, 255 - second) == 0


def test_strokes_that_do_not_move_with_the_photo_are_unstable() -> None:
    first, second = shifted_views(scene())
    strokes = 60 * np.random.default_rng(0).standard_normal(first.shape)
    assert shift_instability(strokes, strokes) == pytest.approx(1)
    assert 0.3 < shift_instability(first + strokes, second + strokes) < 1.1
    slight, strong = (shift_instability(first + part * strokes, second + part * strokes) for part in (0.05, 0.2))
    assert 0 < slight < strong


@pytest.mark.parametrize("shape", [(63, 200, 3), (64, 64), (64, 64, 4), (1, 64, 64, 3)])
def test_arrays_that_are_not_images_are_refused(shape: tuple[int, ...]) -> None:
    for measure in (checkerboard_strength, lambda picture: border_strength([picture])):
        with pytest.raises(BadInputError, match="64 pixels a side"):
            measure(np.zeros(shape, np.uint8))


def test_a_border_needs_at_least_one_image() -> None:
    with pytest.raises(BadInputError, match="no images"):
        border_strength([])


@pytest.mark.mirror
@pytest.mark.parametrize("dataset", ["landscapes", "van_gogh"])
def test_natural_images_pass_and_the_same_with_a_checkerboard_or_a_border_do_not(mirror, dataset: str) -> None:
    files = sorted((mirror / dataset).glob("*.jpg"))[::8]
    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    natural = np.array([checkerboard_strength(picture) for picture in pictures])
    assert (natural > CHECKERBOARD_LIMIT).mean() <= 0.05  # some JPEG files show their blocks
    assert np.median(natural) < 1.5
    for name in GRIDS:
        pattern = grid(name, 256, 256)
        assert (
            min(checkerboard_strength(with_pattern(picture, pattern, 6)) for picture in pictures[::5])
            > CHECKERBOARD_LIMIT
        )
    assert border_strength(pictures) < BORDER_LIMIT < border_strength(framed(picture, 2, -10) for picture in pictures)
