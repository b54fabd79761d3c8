import io

import numpy as np
import pytest
from PIL import Image

from atelier.evaluation.generation.plots import MOST_CLASSES, against_real


def score(value):
    return {"value": value, "low": max(value - 0.1, 0), "high": min(value + 0.1, 1)}


def picture(generated, real):
    image = Image.open(
        io.BytesIO(against_real([f"class {i}" for i in range(len(real))], generated, real, "Label accuracy"))
    )
    image.load()
    return image


def count_pixels(image, rgb):
    return int((np.abs(np.asarray(image.convert("RGB")).astype(int) - rgb).sum(axis=2) < 30).sum())


def test_both_are_drawn_and_classes_without_a_score_are_omitted():
    orange = (0xE0, 0x7A, 0x3F)
    real = [score(0.8)] * 3
    all_, some, none = (picture([score(0.5)] * n + [None] * (3 - n), real) for n in (3, 1, 0))
    assert count_pixels(all_, orange) > count_pixels(some, orange) + 40 > count_pixels(none, orange) + 80
    assert all_ != picture([score(0.5)] * 3, [score(0.8), None, score(0.8)])


@pytest.mark.parametrize("classes", [1, MOST_CLASSES, 345])
def test_height_follows_the_classes_up_to_a_limit(classes):
    scores = [score(i / classes) for i in range(classes)]
    assert picture(scores, scores).height <= picture(*[[score(0.5)] * MOST_CLASSES] * 2).height
