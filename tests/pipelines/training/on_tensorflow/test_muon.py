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
    return keras.Sequential([keras.Input((12, 12, 3)), *convolutions, layers.Conv2D(3, 3, name="output")])


def make_optimizer(network: keras.Model) -> Muon:
    optimizer = Muon(RATE, clip_norm=1.0, output="output")
    optimizer.build(network.trainable_variables)
    return optimizer


def learn(network: keras.Model, optimizer: Muon, steps: int) -> list[float]:
    """Train the network to blur images. Returns the loss before each step."""
    rng, losses = np.random.default_rng(0), []
    for _ in range(steps):
        image = tf.constant(rng.random((4, 12, 12, 3)), tf.float32)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(network(image) - tf.nn.avg_pool2d(image, 7, 1, "VALID")))
        weights = network.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        losses.append(float(loss))
    return losses


def test_kernels_are_updated_by_muon_and_other_weights_by_adam(network) -> None:
    before = [weight.numpy() for weight in network.trainable_variables]
    learn(network, make_optimizer(network), 1)
    steps = [new.numpy() - old for new, old in zip(network.trainable_variables, before, strict=True)]
    first, _, second, *others = steps
    for kernel in (first, second):
        values = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)
        assert values.max() / values.min() < 2.5
        assert np.sqrt(np.mean(kernel**2)) == pytest.approx(RATE * RMS, rel=0.4)
    for other in others:  # the first updates of Adam have nearly equal sizes
        assert np.median(np.abs(other)) == pytest.approx(ADAM_SHARE * RATE, rel=0.02)
        assert np.abs(other).max() < 1.01 * ADAM_SHARE * RATE


def test_the_loss_decreases(network) -> None:
    losses = learn(network, make_optimizer(network), 60)
    assert losses[-1] < losses[0] / 5


def test_a_resumed_run_has_the_same_losses_as_an_uninterrupted_run(network, tmp_path) -> None:
    optimizer = make_optimizer(network)
    learn(network, optimizer, 3)
    checkpoint = tf.train.Checkpoint(network=network, optimizer=optimizer)
    path = checkpoint.save(str(tmp_path / "state"))
    uninterrupted = learn(network, optimizer, 3)
    checkpoint.restore(path).assert_consumed()
    assert learn(network, optimizer, 3) == uninterrupted
