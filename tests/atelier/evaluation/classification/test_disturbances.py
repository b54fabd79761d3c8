import numpy as np
import pytest

from atelier.evaluation.classification.disturbances import DISTURBANCES, disturbed
from tests.helpers.image_files import random_image

PHOTO = np.asarray(random_image(1, 96, 96)) // 2 + 40


@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_disturbed_photo_has_the_same_shape_and_another_content(name: str) -> None:
    changed = disturbed(PHOTO, name)
    assert (changed.shape, changed.dtype) == (PHOTO.shape, np.uint8)
    assert (changed != PHOTO).mean() > 0.2
    assert np.array_equal(changed, disturbed(PHOTO, name))


def test_what_each_disturbance_does() -> None:
    assert disturbed(PHOTO, "dark").mean() == pytest.approx(PHOTO.mean() / 2, rel=0.02)
    assert disturbed(PHOTO, "bright").mean() == pytest.approx(PHOTO.mean() * 1.5, rel=0.02)
    edges = [np.abs(np.diff(image.astype(int), axis=0)).mean() for image in (PHOTO, disturbed(PHOTO, "blur"))]
    assert edges[1] < edges[0]
    assert (disturbed(PHOTO, "rotation")[0, 0] == 127).all()  # a corner from outside of the photo
