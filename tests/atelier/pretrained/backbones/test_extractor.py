import numpy as np
import pytest

from atelier.pretrained.backbones.architectures import RANDOM
from atelier.pretrained.backbones.extractor import BackboneExtractor
from tests.helpers.backbones import write_backbone
from tests.helpers.perceptual_networks import images


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return write_backbone(tmp_path_factory.mktemp("backbone"))


def test_there_is_one_vector_per_image_of_any_size(backbone) -> None:
    extract = BackboneExtractor(backbone)
    photos = [images(*size, count=1)[0].astype(np.uint8) for size in ((48, 48), (33, 47))]
    features = extract(photos)
    assert features.shape == (2, RANDOM.head)
    assert (features >= 0).all()
    assert features.std() > 0
    assert (extract(photos[1:]) == features[1:]).all()
