import numpy as np

from atelier.model_card import PartSpec, Tensor
from atelier.onnx.example import example_inputs


def part(*inputs):
    return PartSpec(inputs=inputs, outputs=())


IMAGE = Tensor(name="image", dtype="uint8", shape=("batch", "height", "width", 3), range=(0, 255))
LATENT = Tensor(name="latent", dtype="float32", shape=("batch", 8))


def test_one_item_for_each_input_with_its_type_size_and_range():
    found = example_inputs(part(IMAGE, LATENT), {"height": 40, "width": 30})
    assert {name: (array.shape, str(array.dtype)) for name, array in found.items()} == {
        "image": ((1, 40, 30, 3), "uint8"),
        "latent": ((1, 8), "float32"),
    }
    assert found["image"].min() < 20
    assert found["image"].max() > 235
    assert ((found["latent"] >= 0) & (found["latent"] <= 1)).all()


def test_axes_without_a_typical_size_have_size_one_and_a_seed_repeats():
    first, again, other = (example_inputs(part(IMAGE), {"width": 50}, seed)["image"] for seed in (0, 0, 1))
    assert first.shape == (1, 1, 50, 3)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
