import numpy as np

from atelier.data.prepared.sampling import epoch_order


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
