import numpy as np
import pytest
from PIL import Image, ImageEnhance

from atelier.data.ingest.perceptual_hash import WORDS, distances, find_near_duplicates, perceptual_hash
from atelier.preprocessing.images import center_crop, decode
from tests.helpers.image_files import encode, random_image

BITS = 40


def _hash(image: Image.Image) -> np.ndarray:
    return perceptual_hash(center_crop(np.asarray(image.convert("RGB")), 64))


def _distance(one: Image.Image, other: Image.Image) -> int:
    return int(distances(_hash(one)[None], _hash(other)[None])[0, 0])


CHANGES = {
    "compressed": lambda image: Image.fromarray(decode(encode(image, quality=20))),
    "halved": lambda image: image.resize((image.width // 2, image.height // 2), Image.Resampling.BICUBIC),
    "enlarged": lambda image: image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "flatter": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "grey": lambda image: image.convert("L"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_hash_of_a_changed_copy_is_close(change) -> None:
    from atelier.data.samples import landscapes

    for number in range(4):
        image = Image.fromarray(landscapes.paint(0, number, 96))
        assert _distance(image, change(image)) <= BITS


def test_hashes_of_different_images_are_far_apart() -> None:
    hashes = np.stack([_hash(random_image(seed)) for seed in range(30)])
    apart = distances(hashes, hashes)[np.triu_indices(30, 1)]
    assert apart.min() > BITS + 20


def test_distances_count_differing_bits() -> None:
    one = np.array([[0, 0, 0, 2**64 - 1], [1, 0, 0, 0]], np.uint64)
    assert distances(one, one).tolist() == [[0, 65], [65, 0]]


def _greedy(hashes: np.ndarray, bits: int) -> list[int]:
    originals, kept = [], []
    for index, value in enumerate(hashes):
        near = [other for other in kept if np.bitwise_count(hashes[other] ^ value).sum() <= bits]
        originals.append(near[0] if near else -1)
        if not near:
            kept.append(index)
    return originals


@pytest.mark.parametrize(("block", "chunk"), [(256, 8192), (7, 5), (1, 1)])
def test_near_duplicates_are_those_of_the_simple_algorithm(monkeypatch, block, chunk) -> None:
    monkeypatch.setattr("atelier.data.ingest.perceptual_hash._BLOCK", block)
    monkeypatch.setattr("atelier.data.ingest.perceptual_hash._CHUNK", chunk)
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, (12, WORDS), dtype=np.uint64)[rng.integers(0, 12, 60)]
    hashes[:, 0] ^= np.uint64(1) << rng.integers(0, 64, 60).astype(np.uint64)
    hashes[:, 1] ^= np.uint64(1) << rng.integers(0, 64, 60).astype(np.uint64)
    for bits in (0, 2, 3, 4):
        assert find_near_duplicates(hashes, bits).tolist() == _greedy(hashes, bits)


def test_no_images_have_no_near_duplicates() -> None:
    assert len(find_near_duplicates(np.empty((0, WORDS), np.uint64), BITS)) == 0
