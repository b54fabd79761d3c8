import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from pipelines.training.on_tensorflow.muon import ADAM_SHARE, Muon

RATE = 0.1
RMS = 0.2


@pytest.fixture
def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    convolutions = [layers.Conv2D(8, 3, activation="tanh") for _ in range(2)]
    return keras.Sequential([keras.Input((12, 12, 3)), *convolutions, layers.Conv2D(3, 3, name="paint")])


def optimiser(network: keras.Model) -> Muon:
    optimizer = Muon(RATE, clip_norm=1.0, output="paint")
    optimizer.build(network.trainable_variables)
    return optimizer


def learn(network: keras.Model, optimizer: Muon, steps: int) -> list[float]:
    """Blur pictures; the losses before each step."""
    chance, losses = np.random.default_rng(0), []
    for _ in range(steps):
        image = tf.constant(chance.random((4, 12, 12, 3)), tf.float32)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(network(image) - tf.nn.avg_pool2d(image, 7, 1, "VALID")))
        weights = network.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        losses.append(float(loss))
    return losses


def test_kernels_step_by_muon_and_everything_else_by_adam(network) -> None:
    before = [weight.numpy() for weight in network.trainable_variables]
    learn(network, optimiser(network), 1)
    steps = [new.numpy() - old for new, old in zip(network.trainable_variables, before, strict=True)]
    first, _, second, *others = steps
    for kernel in (first, second):
        values = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)
        assert values.max() / values.min() < 2.5
        assert np.sqrt(np.mean(kernel**2)) == pytest.approx(RATE * RMS, rel=0.4)
    for other in others:  # Adam's first step has nearly the same size everywhere
        assert np.median(np.abs(other)) == pytest.approx(ADAM_SHARE * RATE, rel=0.02)
        assert np.abs(other).max() < 1.01 * ADAM_SHARE * RATE


def test_it_learns(network) -> None:
    losses = learn(network, optimiser(network), 60)
    assert losses[-1] < losses[0] / 5


def test_going_on_from_a_checkpoint_repeats_the_unbroken_run(network, tmp_path) -> None:
    optimizer = optimiser(network)
    learn(network, optimizer, 3)
    checkpoint = tf.train.Checkpoint(network=network, optimizer=optimizer)
    path = checkpoint.save(str(tmp_path / "state"))
    unbroken = learn(network, optimizer, 3)
    checkpoint.restore(path).assert_consumed()
    assert learn(network, optimizer, 3) == unbroken
