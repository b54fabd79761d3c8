import numpy as np

from atelier.data.samples.bricks import KINDS, file_name, paint


def test_a_photo_depends_on_seed_and_number_only() -> None:
    assert np.array_equal(paint(1, 5, 64), paint(1, 5, 64))
    assert not np.array_equal(paint(1, 5, 64), paint(2, 5, 64))


def test_the_folder_is_the_class_and_all_are_equally_frequent() -> None:
    names = [file_name(number).split("/")[0] for number in range(2 * len(KINDS))]
    assert {name: names.count(name) for name in names} == {kind.name: 2 for kind in KINDS}


def test_the_brick_stands_out_in_the_middle() -> None:
    """The corners show the table only: a brick is where the photo is unlike them."""
    for number in range(len(KINDS)):
        image = paint(3, number, 96).astype(np.float32)
        corner = image[:12, :12].reshape(-1, 3)
        middle = image[36:60, 36:60].reshape(-1, 3)
        assert np.abs(middle.mean(0) - corner.mean(0)).max() > 2 * corner.std(0).max(), number
