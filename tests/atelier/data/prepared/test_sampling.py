import numpy as np

from atelier.data.prepared.sampling import epoch_order, random_square


def test_a_random_square_is_a_part_of_the_image() -> None:
    image = np.arange(20 * 30 * 3, dtype=np.uint16).reshape(20, 30, 3)
    rng = np.random.default_rng(0)
    sides = set()
    for _ in range(50):
        part = random_square(image, 0.5, 0.0, rng)
        sides.add(part.shape[0])
        top, left = divmod(int(part[0, 0, 0]) // 3, 30)
        assert np.array_equal(part, image[top : top + len(part), left : left + len(part)])
    assert min(sides) == 10
    assert max(sides) == 20


def test_a_flipped_square_is_its_mirror_image() -> None:
    image = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    assert np.array_equal(random_square(image, 1.0, 1.0, np.random.default_rng(0)), image[:, ::-1])
    assert np.array_equal(random_square(image, 1.0, 0.0, np.random.default_rng(0)), image)


def test_an_epoch_of_all_items_is_one_shuffled_pass() -> None:
    first, second = epoch_order(50, seed=1, epoch=0, epoch_items=50), epoch_order(50, seed=1, epoch=1, epoch_items=50)
    assert sorted(first) == sorted(second) == list(range(50))
    assert (first != second).any()


def test_short_epochs_together_see_each_item_once_a_pass() -> None:
    epochs = [epoch_order(50, seed=1, epoch=epoch, epoch_items=20) for epoch in range(5)]
    seen = np.concatenate(epochs)
    assert sorted(seen[:50]) == sorted(seen[50:]) == list(range(50))


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    assert (epoch_order(50, 1, 3, 20) == epoch_order(50, 1, 3, 20)).all()
    assert (epoch_order(50, 1, 3, 20) != epoch_order(50, 2, 3, 20)).any()
