from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.fast_style.losses import style_losses, variation
from pipelines.training.on_tensorflow.perceptual import Taps, gram
from tests.helpers.perceptual_networks import images, write_perceptual


def test_content_and_style_are_the_distances_of_the_evaluation(tmp_path: Path) -> None:
    perceptual = write_perceptual(tmp_path / "random", "random")
    taps, architecture = Taps(perceptual), perceptual.architecture
    pictures, photos, paintings = (images(33, 40, 2, seed) for seed in range(3))
    grams = {tap: gram(features) for tap, features in taps(tf.constant(paintings)).items()}
    named = style_losses(architecture, pictures, taps(tf.constant(pictures)), taps(tf.constant(photos)), grams)
    expected = ContentStyleDistance(architecture, Extractor(perceptual))(pictures, photos, paintings)
    assert float(named["content"]) == pytest.approx(expected.content.mean(), rel=1e-3)
    assert float(named["style"]) == pytest.approx(expected.style.mean(), rel=1e-3)


def test_variation_is_the_mean_step_to_the_pixel_beside_and_below() -> None:
    assert float(variation(tf.fill((1, 4, 5, 3), 9.0))) == 0
    stripes = np.zeros((1, 4, 5, 3), np.float32)
    stripes[:, ::2] = 51
    assert float(variation(tf.constant(stripes))) == pytest.approx(0.1)
    assert float(variation(tf.constant(stripes.transpose(0, 2, 1, 3)))) == pytest.approx(0.1)
