import json

import numpy as np
import pytest

from atelier.data.ingest.perceptual_hash import distances, perceptual_hash
from atelier.data.samples import landscapes, paintings, scenes
from atelier.preprocessing.images import blank_fraction, center_crop

SIDE = 48


def _scene(seed, number, side):
    return scenes.paint(seed, number, side).image


PAINT = {"landscapes": landscapes.paint, "paintings": paintings.paint, "scenes": _scene}


@pytest.fixture(params=PAINT.values(), ids=PAINT.keys())
def paint(request):
    return request.param


def test_an_image_is_the_same_every_time_and_another_for_each_seed_and_number(paint):
    one = paint(1, 5, SIDE)
    assert one.dtype == np.uint8
    assert min(one.shape[:2]) == SIDE
    np.testing.assert_array_equal(one, paint(1, 5, SIDE))
    for other in (paint(2, 5, SIDE), paint(1, 6, SIDE)):
        assert other.shape != one.shape or (other != one).any()


def test_images_have_varied_content(paint):
    images = [center_crop(paint(0, number, SIDE), SIDE) for number in range(16)]
    assert max(blank_fraction(image) for image in images) < 0.7
    assert np.mean([image.std() for image in images]) > 25
    hashes = np.stack([perceptual_hash(image) for image in images])
    assert distances(hashes, hashes)[np.triu_indices(16, 1)].min() > 40


def test_annotations_have_the_format_of_coco_and_fit_the_scenes(tmp_path):
    described = [scenes.describe(scenes.paint(3, number, SIDE), number) for number in range(8)]
    images, annotations = zip(*described, strict=True)
    scenes.write_annotations(tmp_path / "a" / "instances.json", images, annotations)
    whole = json.loads((tmp_path / "a" / "instances.json").read_text())
    sizes = {image["id"]: (image["width"], image["height"]) for image in whole["images"]}
    categories = {category["id"] for category in whole["categories"]}
    assert [image["file_name"] for image in whole["images"]][:2] == ["000000.jpg", "000001.jpg"]
    assert len({entry["id"] for entry in whole["annotations"]}) == len(whole["annotations"]) >= 8
    for entry in whole["annotations"]:
        x, y, width, height = entry["bbox"]
        assert min(x, y) >= 0
        assert x + width <= sizes[entry["image_id"]][0] + 0.02
        assert y + height <= sizes[entry["image_id"]][1] + 0.02
        assert 0 <= entry["area"] <= width * height + 0.1
        assert entry["category_id"] in categories
        assert len(entry["segmentation"][0]) >= 6
