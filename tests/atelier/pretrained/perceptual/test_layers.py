import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.pretrained.perceptual.architectures import ARCHITECTURES, SQUEEZENET, VGG16
from atelier.pretrained.perceptual.extractor import Extractor
from atelier.pretrained.perceptual.layers import IMAGE, Conv
from tests.helpers.perceptual_networks import images, write_perceptual


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=lambda a: a.name)
def test_each_layer_comes_after_those_it_reads(architecture) -> None:
    known = {IMAGE}
    for layer in architecture.layers:
        assert known.issuperset(layer.sources)
        assert layer.name not in known
        known.add(layer.name)
    assert known.issuperset(architecture.feature_layers)


def test_only_required_layers_are_kept() -> None:
    names = [layer.name for layer in VGG16.required_layers(["block2_conv1"])]
    assert names == ["block1_conv1", "block1_conv2", "block1_pool", "block2_conv1"]
    assert SQUEEZENET.required_layers(SQUEEZENET.feature_layers)[-1].name == "features.9"


def test_strides_and_channels_accumulate_over_layers() -> None:
    assert [SQUEEZENET.strides[tap] for tap in SQUEEZENET.style_layers] == [2, 4, 8, 8]
    assert [SQUEEZENET.channels[tap] for tap in SQUEEZENET.style_layers] == [96, 128, 256, 384]
    assert [VGG16.strides[tap] for tap in VGG16.style_layers] == [1, 2, 4, 8]


def test_the_error_of_an_unknown_layer_names_the_closest_one() -> None:
    with pytest.raises(BadInputError, match=r"no layer 'features\.44'.*features\.4"):
        SQUEEZENET.required_layers(["features.44"])


def test_padding_that_differs_between_frameworks_is_rejected() -> None:
    for size, stride in ((3, 2), (4, 1)):
        with pytest.raises(ValueError, match="padding"):
            Conv("odd", IMAGE, 3, 4, size, stride, padded=True)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_smallest_image_has_features_and_a_smaller_one_is_rejected(tmp_path, name) -> None:
    extractor = Extractor(write_perceptual(tmp_path / name, name))
    side = extractor.architecture.min_side
    assert all(min(features.shape) > 0 for features in extractor(images(side, side)).values())
    with pytest.raises(BadInputError, match=f"at least {side} pixels"):
        extractor(np.zeros((1, side - 1, 64, 3)))
