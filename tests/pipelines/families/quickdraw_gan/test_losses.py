import numpy as np
import pytest
import tensorflow as tf

from pipelines.families.quickdraw_gan.losses import (
    discriminator_losses,
    generator_losses,
    gradient_penalty,
    label_loss,
)

LABEL = tf.constant([0, 1])
CONFIDENT = tf.constant([[9.0, -9.0], [-9.0, 9.0]])


def column(*values: float) -> tf.Tensor:
    return tf.constant(values, tf.float32)[:, None]


def test_equal_logits_give_twice_the_entropy_of_a_coin_toss() -> None:
    losses = discriminator_losses(column(0, 0), column(0, 0), CONFIDENT, LABEL)
    assert float(losses["adversarial"]) == pytest.approx(2 * np.log(2))
    assert float(losses["label"]) == pytest.approx(0, abs=1e-4)


def test_discriminator_and_generator_have_opposite_losses_on_generated_drawings() -> None:
    detected, undetected = column(-5, -5), column(5, 5)
    real = column(5, 5)
    assert float(discriminator_losses(real, detected, CONFIDENT, LABEL)["adversarial"]) < 0.1
    assert float(discriminator_losses(real, undetected, CONFIDENT, LABEL)["adversarial"]) > 4
    assert float(generator_losses(undetected, CONFIDENT, LABEL)["adversarial"]) < 0.1
    assert float(generator_losses(detected, CONFIDENT, LABEL)["adversarial"]) > 4


def test_label_loss_is_the_cross_entropy() -> None:
    assert float(label_loss(tf.zeros((2, 4)), LABEL)) == pytest.approx(np.log(4))


def test_gradient_penalty_is_half_the_mean_squared_norm() -> None:
    gradient = np.zeros((2, 28, 28, 1), np.float32)
    gradient[0, 3, 4], gradient[0, 5, 6], gradient[1, 0, 0] = 3, 4, 2
    assert float(gradient_penalty(tf.constant(gradient))) == pytest.approx((25 + 4) / 2 / 2)
