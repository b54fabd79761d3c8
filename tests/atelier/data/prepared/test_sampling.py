import numpy as np

from atelier.data.prepared.sampling import random_square


def test_a_random_square_is_a_part_of_the_image() -> None:
    image = np.arange(20 * 30 * 3, dtype=np.uint16).reshape(20, 30, 3)
    chance = np.random.default_rng(0)
    sides = set()
    for _ in range(50):
        part = random_square(image, 0.5, 0.0, chance)
        sides.add(part.shape[0])
        top, left = divmod(int(part[0, 0, 0]) // 3, 30)
        assert np.array_equal(part, image[top : top + len(part), left : left + len(part)])
    assert min(sides) == 10
    assert max(sides) == 20


def test_a_flipped_square_is_its_mirror_image() -> None:
    image = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    assert np.array_equal(random_square(image, 1.0, 1.0, np.random.default_rng(0)), image[:, ::-1])
    assert np.array_equal(random_square(image, 1.0, 0.0, np.random.default_rng(0)), image)
