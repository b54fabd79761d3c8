import numpy as np
import pytest
import tensorflow as tf

from pipelines.families.cyclegan import training
from pipelines.families.cyclegan.augmentation import augment
from pipelines.families.cyclegan.losses import absolute_difference, discriminator_loss, least_squares
from pipelines.families.cyclegan.pool import ImagePool
from pipelines.families.cyclegan.settings import AugmentationSettings

IMAGES = tf.constant(np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)), tf.float32)


def test_the_heads_together_have_the_weight_of_the_patches() -> None:
    scores = [tf.fill((1, 2, 2, 1), value) for value in (3.0, 1.0, 2.0)]
    assert float(least_squares(scores[:1], 1.0)) == 4
    assert float(least_squares(scores, 1.0)) == pytest.approx((4 + (0 + 1) / 2) / 2)
    assert float(discriminator_loss(scores[1:2], scores[2:])) == pytest.approx((0 + 4) / 2)


def test_black_and_white_differ_by_two() -> None:
    assert float(absolute_difference(tf.zeros((1, 2, 2, 3)), tf.fill((1, 2, 2, 3), 255.0))) == 2


def augmentation(**changes: float) -> AugmentationSettings:
    return AugmentationSettings(**({"color": 0.0, "translation": 0.0, "cutout": 0.0} | changes))


@pytest.mark.parametrize("name", ["color", "translation", "cutout"])
def test_augmentation_depends_on_the_seed_only(name) -> None:
    settings = augmentation(**{name: 0.3})
    first, again, other = (augment(IMAGES, settings, tf.constant([0, seed])) for seed in (1, 1, 2))
    assert (first == again).numpy().all()
    assert np.abs(first - other).mean() > 1
    assert (augment(IMAGES, augmentation(), tf.constant([0, 1])) == IMAGES).numpy().all()


def test_images_are_shifted_in_both_directions_and_padded_with_gray() -> None:
    shifts = set()
    for seed in range(40):
        shifted = augment(IMAGES[:1], augmentation(translation=0.25), tf.constant([0, seed])).numpy()[0]
        candidates = [
            (down, right)
            for down in range(-8, 9)
            for right in range(-8, 9)
            if np.allclose(np.roll(IMAGES[0], (down, right), (0, 1))[8:-8, 8:-8], shifted[8:-8, 8:-8], atol=1e-3)
        ]
        (shift,) = candidates
        shifts.add(shift)
        down = shift[0]
        if down:
            gray = shifted[:down] if down > 0 else shifted[down:]
            np.testing.assert_allclose(gray, 127.5)
    assert min(down for down, _ in shifts) < -4
    assert max(down for down, _ in shifts) > 4
    assert min(right for _, right in shifts) < -4
    assert max(right for _, right in shifts) > 4


def test_a_square_is_cut_out() -> None:
    areas = [
        (augment(IMAGES, augmentation(cutout=0.5), tf.constant([0, seed])).numpy() == 127.5).all(-1).mean((1, 2))
        for seed in range(20)
    ]
    assert np.max(areas) == pytest.approx(0.25, abs=0.02)
    assert np.min(areas) < 0.2  # partly beyond the border


def test_gradients_reach_the_image() -> None:
    settings = augmentation(color=0.1, translation=0.125, cutout=0.4)
    with tf.GradientTape() as tape:
        tape.watch(IMAGES)
        total = tf.reduce_sum(augment(IMAGES, settings, tf.constant([0, 1])))
    gradient = tape.gradient(total, IMAGES)
    assert (np.abs(gradient) > 0).mean() > 0.5


def test_the_pool_fills_and_then_returns_earlier_images_half_of_the_time() -> None:
    pool, returned = ImagePool(3, 4), []
    for number in range(60):
        result = pool.exchange(tf.fill((1, 4, 4, 3), float(number)), (0, number))
        returned.append(int(result[0, 0, 0, 0]))
    assert returned[:3] == [0, 1, 2]
    earlier = [number for number, value in enumerate(returned) if value != number]
    assert 15 < len(earlier) < 45
    assert len({returned[number] for number in earlier}) == len(earlier)  # each image is returned once
    assert float(ImagePool(0, 4).exchange(tf.fill((1, 4, 4, 3), 7.0), (0, 0))[0, 0, 0, 0]) == 7


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_a_step_trains_all_networks(inputs, make_settings, precision) -> None:
    settings = make_settings(reconstruction_steps=0, losses={"identity": 1.0})
    trainer = training.new_trainer(inputs, settings, precision)
    networks = vars(trainer.networks)
    before = {name: network.get_weights() for name, network in networks.items()}
    for _ in range(2):  # the last convolutions are 0 at first, so nothing reaches the layers before them
        losses = trainer.step(IMAGES[:1], IMAGES[1:])
    assert np.isfinite([float(loss) for loss in losses.values()]).all()
    assert {"adversarial", "cycle", "content", "identity"} < losses.keys()
    for name, network in networks.items():
        changed = [(one != two).any() for one, two in zip(before[name], network.get_weights(), strict=True)]
        assert np.mean(changed) > 0.9, name
