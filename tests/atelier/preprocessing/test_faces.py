import numpy as np
import pytest
from PIL import Image

from atelier.preprocessing.faces import align, align_eyes, eye_shift, find_face
from atelier.preprocessing.images import Rejected
from atelier.preprocessing.spec import FaceInput

SPEC = FaceInput(
    size=(64, 64),
    alignment="eyes",
    eye_height=0.3,
    eye_distance=0.42,
    min_score=0.5,
    min_aligned_score=0.6,
    max_shift=0.12,
)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def face(eyes, size=(200, 160), radius=6):
    """A gray image with a red eye on the left and a blue one on the right, at these x, y."""
    image = Image.new("RGB", size[::-1], (128, 128, 128))
    pixels = np.asarray(image).copy()
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    for (left, top), color in zip(eyes, (RED, BLUE), strict=True):
        pixels[np.hypot(x - left, y - top) < radius] = color
    return pixels


def places(image):
    """Where the red and the blue eye are, (2, 2) as x, y; None where one is missing."""
    levels = image.astype(float)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    found = []
    for channel in (0, 2):
        weight = np.clip(levels[..., channel] - levels[..., 2 - channel] - 40, 0, None)
        if weight.sum() < 200:
            return None
        found.append([(weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()])
    return np.array(found)


def misled():
    """A network that sees the eyes in a wrong place at first."""
    offsets = iter([12.0, 0.0])
    return lambda input: detector(offset=next(offsets))(input)


def detector(logit=3.0, turned=False, offset=0.0):
    """A network that sees these eyes, at an anchor in the middle; it may mistake which is which, or where they are."""

    def run(input):
        eyes = places((input[0] + 1) * 127.5)
        boxes, logits = np.zeros((1, 896, 16), np.float32), np.full((1, 896, 1), -9, np.float32)
        if eyes is not None:
            anchor = 100
            at = np.array([(anchor // 2 % 16) * 8 + 4, anchor // 2 // 16 * 8 + 4])
            eyes = (eyes[::-1] if turned else eyes) + offset
            boxes[0, anchor, 2:4] = 2.4 * np.hypot(*(eyes[1] - eyes[0]))
            boxes[0, anchor, :2] = eyes.mean(axis=0) - at
            boxes[0, anchor, 4:8] = (eyes - at).ravel()
            logits[0, anchor] = logit
        return {"regressors": boxes, "classificators": logits}

    return run


@pytest.mark.parametrize("size", [(200, 160), (90, 300), (128, 128)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_eyes_are_found_in_the_pixels_of_an_image_of_any_shape(size, turned) -> None:
    eyes = np.array([[50, 40], [90, 50]])
    found = find_face(face(eyes, size), detector(turned=turned), 0.5)
    assert found.score == pytest.approx(1 / (1 + np.exp(-3)))
    assert np.abs(found.eyes - eyes).max() < 2
    assert found.box[0, 0] < 50 < 90 < found.box[1, 0]


@pytest.mark.parametrize("eyes", [[[60, 80], [100, 80]], [[50, 60], [90, 95]], [[40, 50], [140, 70]]])
def test_turned_small_and_large_faces_come_to_one_place(eyes) -> None:
    found = places(align_eyes(face(eyes, radius=0.15 * np.hypot(*np.subtract(*eyes))), np.array(eyes, float), SPEC))
    assert np.abs(found - [[32 - 13.44, 19.2], [32 + 13.44, 19.2]]).max() < 0.7


def test_nothing_outside_of_the_image_is_made_up() -> None:
    bright = np.full((40, 40, 3), 200, np.uint8)
    assert (align_eyes(bright, np.array([[2.0, 5], [38, 5]]), SPEC) == 200).all()


def test_reducing_averages_and_leaves_out_no_pixels() -> None:
    stripes = np.zeros((1000, 1000, 3), np.uint8)
    stripes[:, ::2] = 200
    aligned = align_eyes(stripes, np.array([[300.0, 400], [700, 400]]), SPEC).astype(int)
    assert np.abs(aligned[8:-8, 8:-8] - 100).max() < 12


def test_an_aligned_face_is_where_it_is_looked_for() -> None:
    image = face([[60, 80], [100, 84]])
    aligned = align(image, SPEC, detector())
    assert aligned.shape == (64, 64, 3)
    assert eye_shift(aligned, SPEC, detector()) < 0.05


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (detector(logit=-1.0), "no face"),
        (detector(logit=0.2), "not aligned"),  # enough for the first look only
        (misled(), "not aligned"),  # the second look finds the eyes elsewhere
    ],
)
def test_what_is_no_face_or_was_taken_for_one_is_rejected(network, reason) -> None:
    with pytest.raises(Rejected) as caught:
        align(face([[60, 80], [100, 84]]), SPEC, network)
    assert caught.value.reason == reason


def test_a_face_that_is_aligned_already_needs_no_detector() -> None:
    image = np.arange(30 * 50 * 3).reshape(30, 50, 3).astype(np.uint8)
    assert align(image, SPEC.model_copy(update={"alignment": "center"})).shape == (64, 64, 3)
