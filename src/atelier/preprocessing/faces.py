"""Find the face in an image, and turn, scale and shift the image until the eyes are at their places.

The detector is BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047), the short-range model, as an ONNX file.
Preparation, evaluation and service call `align` with the same `FaceInput`. Needs only numpy and Pillow: the network is
an argument.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.preprocessing.images import ImageArray, Rejected, center_crop
from atelier.preprocessing.spec import FaceInput

DETECTOR_SIDE = 128
"""Side of the detector's input in pixels."""
MARGIN = 0.12
"""Border around an aligned face when it is detected again, as a fraction of the side: the detector is less sure of
faces that fill the whole image."""
_STRIDES = ((8, 2), (16, 6))
"""Of the detector's two grids: distance of the anchors in pixels, and anchors at each place."""
_LOGIT_LIMIT = 80.0

Detector = Callable[..., Mapping[str, NDArray[Any]]]
"""The network: input `input`, float32 (1, side, side, 3) from -1 to 1; outputs `regressors` (1, anchors, 16), in pixels
relative to the anchors, and `classificators` (1, anchors, 1), logits. An `OnnxModel` is such a function."""
Points = NDArray[np.float64]


class Face(NamedTuple):
    """A face in an image."""

    score: float
    """From 0 to 1."""
    box: Points
    """(2, 2): the corners at the top left and the bottom right as x, y in pixels."""
    eyes: Points
    """(2, 2): x, y in pixels of the eye on the left of the image, and of the one on the right."""


def find_face(image: ImageArray, detector: Detector, min_score: float) -> Face | None:
    """The largest face whose score is at least `min_score`; None where there is none.

    A face must be larger than about a tenth of the longer side: the detector sees the image at 128 pixels a side.
    """
    height, width = image.shape[:2]
    side = max(height, width)
    outputs = detector(input=_detector_input(image, side))
    logits = np.clip(outputs["classificators"][0, :, 0].astype(np.float64), -_LOGIT_LIMIT, _LOGIT_LIMIT)
    scores = 1 / (1 + np.exp(-logits))
    points = outputs["regressors"][0].reshape(len(scores), -1, 2).astype(np.float64)
    sure = np.flatnonzero(scores >= min_score)
    if not len(sure):
        return None
    sizes = points[sure, 1].prod(axis=1)
    near = sure[sizes > 0.5 * sizes.max()]  # several anchors find one face: of the largest, the surest
    best = near[scores[near].argmax()]
    anchor, scale = _anchors()[best], side / DETECTOR_SIDE
    shift = (np.array([width, height]) - side) / 2
    center, size, *others = points[best]
    box = np.stack([anchor + center - size / 2, anchor + center + size / 2]) * scale + shift
    eyes = (np.stack(others[:2]) + anchor) * scale + shift
    return Face(float(scores[best]), box, eyes[eyes[:, 0].argsort()])


def align(image: ImageArray, spec: FaceInput, detector: Detector | None = None) -> ImageArray:
    """The aligned face, uint8 (*spec.size, 3).

    Parameters
    ----------
    image
        uint8 (height, width, 3), RGB.
    detector
        Needed where `spec.alignment` is `eyes`.

    Raises
    ------
    Rejected
        `no face`, where the detector finds none; `not aligned`, where it does not find the eyes of the aligned face at
        their places, which happens when it was misled the first time.
    """
    if spec.alignment == "center":
        return center_crop(image, spec.size[0])
    if detector is None:
        raise ValueError("Alignment by the eyes needs a detector.")
    face = find_face(image, detector, spec.min_score)
    if face is None:
        raise Rejected("no face", "the detector finds no face in it; the face should fill a third of the image")
    aligned = align_eyes(image, face.eyes, spec)
    shift = eye_shift(aligned, spec, detector)
    if shift is None or shift > spec.max_shift:
        raise Rejected("not aligned", "the eyes are not found again; the face should look into the camera")
    return aligned


def align_eyes(image: ImageArray, eyes: Points, spec: FaceInput) -> ImageArray:
    """Turn, scale and shift an image until these eyes, (2, 2) as x, y in pixels, are at their places.

    What lies outside of the image repeats its edge. The result is drawn at the resolution of the image, then reduced:
    an affine map alone would leave out pixels.
    """
    height, width = spec.size
    across = eyes[1] - eyes[0]
    scale = np.hypot(*across) / (spec.eye_distance * width)  # pixels of the image for one pixel of the result
    finer = max(1, int(np.ceil(scale)))
    turn = np.array([[across[0], -across[1]], [across[1], across[0]]]) / np.hypot(*across) * scale
    middle = np.array([width / 2, spec.eye_height * height])
    origin = eyes.mean(axis=0) - turn @ middle
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ turn.T + origin
    padded, offset = _with_edges(image, corners)
    step = turn / finer
    first, second = origin + offset
    map_back = (step[0, 0], step[0, 1], first, step[1, 0], step[1, 1], second)
    fine = Image.fromarray(padded).transform(
        (width * finer, height * finer), Image.Transform.AFFINE, map_back, Image.Resampling.BICUBIC
    )
    return np.asarray(fine.resize((width, height), Image.Resampling.LANCZOS))


def eye_shift(aligned: ImageArray, spec: FaceInput, detector: Detector) -> float | None:
    """Distance of the farther eye from its place, as a fraction of the width; None where no face is found."""
    height, width = spec.size
    border = round(MARGIN * width)
    framed = np.pad(aligned, ((border, border), (border, border), (0, 0)), "edge")
    face = find_face(framed, detector, spec.min_aligned_score)
    if face is None:
        return None
    half = spec.eye_distance / 2
    places = np.array([[0.5 - half, spec.eye_height], [0.5 + half, spec.eye_height]]) * (width, height)
    return float(np.hypot(*(face.eyes - border - places).T).max() / width)


def _detector_input(image: ImageArray, side: int) -> NDArray[np.float32]:
    """The whole image in the middle of a black square, from -1 to 1."""
    square = Image.new("RGB", (side, side))
    square.paste(Image.fromarray(image), ((side - image.shape[1]) // 2, (side - image.shape[0]) // 2))
    reduced = square.resize((DETECTOR_SIDE, DETECTOR_SIDE), Image.Resampling.BILINEAR)
    return (np.asarray(reduced, np.float32) / 127.5 - 1)[None]


@cache
def _anchors() -> Points:
    """(anchors, 2): x, y of each anchor, in pixels of the detector's input."""
    grids = []
    for stride, count in _STRIDES:
        places = np.arange(DETECTOR_SIDE // stride) * stride + stride / 2
        y, x = np.meshgrid(places, places, indexing="ij")
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), count, axis=0))
    return np.concatenate(grids)


def _with_edges(image: ImageArray, corners: Points) -> tuple[ImageArray, Points]:
    """The image with repeated edges as far as these corners (4, 2) reach, and how far its origin moved, (2,)."""
    height, width = image.shape[:2]
    limit = 4 * max(height, width)
    before = np.ceil(np.clip(-corners.min(axis=0), 0, limit)).astype(int) + 2
    after = np.ceil(np.clip(corners.max(axis=0) - (width, height), 0, limit)).astype(int) + 2
    padded = np.pad(image, ((before[1], after[1]), (before[0], after[0]), (0, 0)), "edge")
    return padded, before.astype(np.float64)
