"""The backbone for evaluation and that for training compute equal features."""

import keras
import numpy as np
import pytest

from atelier.pretrained.backbones.extractor import BackboneExtractor
from pipelines.training.on_tensorflow.backbone import apply_backbone, load_backbone
from tests.helpers.backbones import write_backbone
from tests.helpers.perceptual_networks import images


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (50, 64)])
def test_features_are_equal_for_any_size(tmp_path, size) -> None:
    backbone = write_backbone(tmp_path)
    image = keras.Input((None, None, 3))
    model = keras.Model(image, keras.ops.mean(apply_backbone(image, backbone, 0), axis=(1, 2)))
    load_backbone(model, backbone)
    photos = images(*size).astype(np.uint8)
    features = BackboneExtractor(backbone)(photos)
    assert features.std() > 0
    np.testing.assert_allclose(features, model(photos.astype(np.float32)), rtol=1e-4, atol=1e-5)
