import numpy as np
import pytest

from atelier.data.download.dvc import dvc_hash
from atelier.errors import BadInputError
from atelier.pretrained.perceptual.architectures import RANDOM, SQUEEZENET, VGG16
from atelier.pretrained.weights import random_weights
from pipelines.fetch.perceptual import fetch
from tests.helpers.data_settings import perceptual_fetch

VGG_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"


@pytest.fixture
def mirror(tmp_path):
    folder = tmp_path / "mirror" / "weights"
    folder.mkdir(parents=True)
    np.savez(folder / "squeezenet1_0_imagenet_rgb.npz", **random_weights(SQUEEZENET.shapes, 0))
    (folder / VGG_FILE).write_bytes(b"something else")
    return str(tmp_path / "mirror")


def test_random_weights_are_the_same_every_time_and_made_once(tmp_path) -> None:
    one, same, other = (
        fetch(tmp_path / name, perceptual_fetch(seed=seed)) for name, seed in (("one", 1), ("same", 1), ("other", 2))
    )
    assert one.architecture is RANDOM
    hashes = [each.manifest.content_hash for each in (one, same, other)]
    assert hashes[0] == hashes[1] == dvc_hash(tmp_path / "one") != hashes[2]
    before = (tmp_path / "one" / "weights.npz").stat().st_ino
    fetch(tmp_path / "one", perceptual_fetch(seed=1))
    assert (tmp_path / "one" / "weights.npz").stat().st_ino == before
    changed = fetch(tmp_path / "one", perceptual_fetch(seed=2))
    assert np.array_equal(changed.weights["conv1.weight"], other.weights["conv1.weight"])


def test_squeezenet_comes_from_a_mirror(tmp_path, mirror) -> None:
    settings = perceptual_fetch(network="squeezenet", source="mirror", mirror=mirror)
    perceptual = fetch(tmp_path / "raw", settings)
    assert perceptual.architecture is SQUEEZENET
    assert "features.9.expand3x3.weight" in perceptual.weights
    assert "SqueezeNet" in perceptual.source.request.licence


def test_fetching_again_does_not_access_the_mirror(tmp_path, server, mirror) -> None:
    path = "/m/weights/squeezenet1_0_imagenet_rgb.npz"
    server.files[path] = (tmp_path / "mirror" / "weights" / "squeezenet1_0_imagenet_rgb.npz").read_bytes()
    settings = perceptual_fetch(network="squeezenet", source="mirror", mirror=f"{server.address}/m/")
    fetch(tmp_path / "raw", settings)
    server.requested.clear()
    assert fetch(tmp_path / "raw", settings).architecture is SQUEEZENET
    assert not server.requested


def test_another_network_replaces_the_first(tmp_path, mirror) -> None:
    fetch(tmp_path / "raw", perceptual_fetch())
    fetch(tmp_path / "raw", perceptual_fetch(network="squeezenet", source="mirror", mirror=mirror))
    assert {path.name for path in (tmp_path / "raw").iterdir()} == {"squeezenet1_0_imagenet_rgb.npz", "SOURCE.json"}


def test_a_file_that_is_not_the_published_one_is_rejected_and_deleted(tmp_path, mirror) -> None:
    settings = perceptual_fetch(network="vgg16", source="mirror", mirror=mirror)
    for _ in range(2):
        with pytest.raises(BadInputError, match="MD5 differs"):
            fetch(tmp_path / "raw", settings)


def test_the_error_of_a_mirror_without_the_weights_names_the_address(tmp_path) -> None:
    settings = perceptual_fetch(network="squeezenet", source="mirror", mirror=str(tmp_path))
    with pytest.raises(BadInputError, match=r"nothing at .*squeezenet1_0"):
        fetch(tmp_path / "raw", settings)


def test_the_origin_is_the_file_of_keras_applications() -> None:
    from keras.src.applications import vgg16

    from pipelines.fetch import perceptual

    assert f"{perceptual.ORIGIN}/{VGG_FILE}" == vgg16.WEIGHTS_PATH_NO_TOP
    assert VGG16.name in perceptual._PUBLISHED


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"network": "squeezenet"}, "set source to mirror"),
        ({"network": "squeezenet", "source": "origin"}, "set source to mirror"),
        ({"network": "vgg16", "source": "sample"}, "set source to mirror or origin"),
        ({"network": "random", "source": "mirror", "mirror": "here"}, "set source to sample"),
        ({"network": "vgg19"}, "vgg16"),
        ({"seed": -1}, "greater than or equal to 0"),
    ],
)
def test_the_error_of_inconsistent_settings_says_what_to_change(wrong, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        perceptual_fetch(**wrong)
