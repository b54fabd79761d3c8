import h5py
import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.pretrained.perceptual.architectures import RANDOM, SQUEEZENET, VGG16
from atelier.pretrained.perceptual.weights import read_weights
from atelier.pretrained.weights import random_weights


def test_random_weights_depend_on_the_seed_only() -> None:
    one, same, other = (random_weights(RANDOM.shapes, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["conv1.weight"], other["conv1.weight"])


def test_weights_come_back_from_a_file(tmp_path) -> None:
    weights = random_weights(SQUEEZENET.shapes, 0)
    np.savez(tmp_path / "w.npz", **weights, more=np.zeros(3))
    found = read_weights(tmp_path / "w.npz", SQUEEZENET)
    assert found.keys() == weights.keys()
    assert all(np.array_equal(found[name], weights[name]) for name in weights)


@pytest.mark.parametrize("damage", ["missing", "shape", "nan", "cut", "text"])
def test_the_error_of_other_content_names_the_file(tmp_path, damage) -> None:
    weights, path = random_weights(RANDOM.shapes, 0), tmp_path / "w.npz"
    if damage == "missing":
        del weights["conv2.bias"]
    if damage == "shape":
        weights["conv2.bias"] = weights["conv2.bias"][:-1]
    if damage == "nan":
        weights["conv2.bias"][0] = np.nan
    np.savez(path, **weights)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-500])
    if damage == "text":
        path.write_text("no weights")
    with pytest.raises(BadInputError, match=r"w\.npz does not hold the weights of random"):
        read_weights(path, RANDOM)


def test_weights_of_keras_are_converted_to_rgb_and_channels_first(tmp_path) -> None:
    weights = random_weights(VGG16.shapes, 0)
    with h5py.File(tmp_path / "vgg.h5", "w") as file:
        for conv in VGG16.convolutions:
            group = file.create_group(conv.name)
            kernel = weights[f"{conv.name}.weight"].transpose(2, 3, 1, 0)
            group["W:0"] = kernel[:, :, ::-1] if conv.name == "block1_conv1" else kernel
            group["b:0"] = weights[f"{conv.name}.bias"]
            group.attrs["weight_names"] = [b"W:0", b"b:0"]
    found = read_weights(tmp_path / "vgg.h5", VGG16)
    assert all(np.array_equal(found[name], weights[name]) for name in weights)
    (tmp_path / "cut.h5").write_bytes((tmp_path / "vgg.h5").read_bytes()[:5000])
    with pytest.raises(BadInputError, match="does not hold the weights of vgg16"):
        read_weights(tmp_path / "cut.h5", VGG16)
