"""The detector that aligns faces, in a folder."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from atelier.errors import BadInputError
from atelier.model_card import PartSpec, Tensor
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.faces import DETECTOR_SIDE, align
from atelier.preprocessing.images import ImageArray, decode_reduced
from atelier.preprocessing.spec import FaceInput
from atelier.pretrained.asset import Pretrained

NONE, BLAZEFACE = "none", "blazeface"
DECODED_SIDE = 512
"""A larger JPEG is decoded at a fraction of its size, as long as its shorter side keeps so many pixels."""

PART = PartSpec(
    inputs=(
        Tensor(name="input", dtype="float32", shape=(1, DETECTOR_SIDE, DETECTOR_SIDE, 3), range=(-1, 1), unit="level"),
    ),
    outputs=(
        Tensor(name="regressors", dtype="float32", shape=(1, 896, 16), unit="pixel from the anchor"),
        Tensor(name="classificators", dtype="float32", shape=(1, 896, 1), unit="logit"),
    ),
)
"""The interface of the detector where it is a part of a model."""


@dataclass(frozen=True)
class FaceDetector(Pretrained):
    """The network that finds the eyes, or none, where the faces of a data set are aligned already."""

    role: ClassVar[str] = "face_detector"

    @property
    def exists(self) -> bool:
        """Whether there is a network."""
        return self.find({NONE: False, BLAZEFACE: True})

    def aligner(self, spec: FaceInput) -> "FaceAligner":
        """The function that makes aligned faces of files.

        Raises
        ------
        BadInputError
            When alignment by the eyes is asked for, and there is no network.
        """
        if spec.alignment == "center":
            return FaceAligner(spec)
        if not self.exists:
            raise BadInputError(
                "faces.prepare.face.alignment is eyes, which needs a detector: set face_detector.fetch.network to "
                "blazeface and face_detector.fetch.source to package, or the alignment to center."
            )
        return FaceAligner(spec, self.file)


@dataclass(frozen=True)
class FaceAligner:
    """Makes aligned faces of the contents of files. It can be sent to other processes.

    Parameters
    ----------
    detector
        The network's file; needed for alignment by the eyes.
    """

    spec: FaceInput
    detector: Path | None = None

    def __call__(self, content: bytes, size: int, pixels: int) -> tuple[ImageArray, tuple[int, int]]:
        """The face, uint8 (size, size, 3), and the (width, height) of the file.

        Raises
        ------
        Rejected
            As `preprocessing.images.decode` and `preprocessing.faces.align`.
        """
        image, original = decode_reduced(content, max(DECODED_SIDE, 4 * size), pixels)
        return align(image, self.spec, _session(self.detector) if self.detector else None), original


@lru_cache(maxsize=1)
def _session(path: Path) -> OnnxModel:
    return OnnxModel(path)
