import numpy as np
import pytest

from pipelines.families.fast_style.style_names import color_names

NAVY, OCHRE, WHITE = (28, 44, 90), (195, 140, 50), (250, 250, 250)


def stripes(*colors: tuple[int, int, int]) -> np.ndarray:
    return np.repeat(np.array(colors, np.uint8)[:, None], 8, axis=1)


@pytest.mark.parametrize(
    ("painting", "name"),
    [
        (stripes(OCHRE, NAVY, NAVY, NAVY, OCHRE, WHITE), "navy and ochre"),
        (stripes(WHITE, WHITE, NAVY), "white and navy"),
        (stripes(WHITE), "white"),
    ],
)
def test_a_painting_is_named_by_its_prevailing_colors(painting, name) -> None:
    assert list(color_names([painting])) == [name]


def test_names_are_unique() -> None:
    paintings = [stripes(WHITE, WHITE, NAVY), stripes(WHITE), stripes(NAVY, WHITE, WHITE), stripes(WHITE, WHITE, NAVY)]
    assert list(color_names(paintings)) == ["white and navy", "white", "white and navy 2", "white and navy 3"]
