import numpy as np

from pipelines.families.cyclegan.batches import batches


def drawn(inputs, make_settings, epoch: int = 1, **training):
    settings = make_settings(epoch_items=40, batch_size=2, **training).training
    photos, paintings = (data.split("train")["image"] for data in (inputs.landscapes, inputs.van_gogh))
    return list(batches(photos, paintings, settings, epoch))


def test_batches_depend_on_seed_and_epoch_only(inputs, make_settings) -> None:
    first, again = drawn(inputs, make_settings), drawn(inputs, make_settings)
    assert len(first) == 20
    for one, two in zip(first, again, strict=True):
        assert all((a == b).all() for a, b in zip(one, two, strict=True))
    for other in (drawn(inputs, make_settings, epoch=2), drawn(inputs, make_settings, seed=1)):
        assert (other[0][0] != first[0][0]).any()


def test_photos_and_paintings_are_paired_anew_in_each_epoch(inputs, make_settings) -> None:
    whole = {"crops": {"min_crop": 1.0, "max_crop": 1.0, "flip": 0.0}}
    pairs = [
        (photo[0].tobytes(), painting[0].tobytes())
        for epoch in (1, 2, 3)
        for photo, painting in drawn(inputs, make_settings, epoch, **whole)
    ]
    assert len({photo for photo, _ in pairs}) == len({painting for _, painting in pairs}) == 10
    assert len(set(pairs)) > 30


def test_shapes_and_ranges_are_those_of_the_networks(inputs, make_settings) -> None:
    for image in drawn(inputs, make_settings)[0]:
        assert image.shape == (2, 32, 32, 3)
        assert image.dtype == np.float32
        assert 0 <= image.min() < image.max() <= 255
