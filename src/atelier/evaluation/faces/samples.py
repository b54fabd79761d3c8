"""Samples of the generator, compared with test faces as a set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.faces import report
from atelier.evaluation.faces.perception import Perception
from atelier.evaluation.faces.settings import FaceEvaluationSettings
from atelier.evaluation.generation.distances import frechet_distance
from atelier.model_card import Metric
from atelier.onnx.model import OnnxModel
from atelier.predictors.face_editor import FaceEditor

Floats = NDArray[np.float32]

COMPONENTS = 32
"""Principal components of the features in which sets are compared. With more, a few hundred faces would not suffice to
estimate a covariance."""
SHOWN = 32


@dataclass(frozen=True)
class Samples:
    """The distance of samples to faces, and what it is between faces."""

    distance: Metric
    """Fréchet distance of as many samples as test faces to these."""
    reference: Metric
    """The same distance of training faces."""
    sheet: bytes


def sample(
    editor: FaceEditor,
    mapping: OnnxModel,
    faces: PreparedData,
    perception: Perception,
    settings: FaceEvaluationSettings,
) -> Samples:
    """Draw samples, as many as there are faces to compare with, and compare them.

    The features are principal components of those of training faces, in units of their standard deviations, so the
    distance does not depend on the scale of the network.
    """
    test, train = faces.split("test")["image"], faces.split("train")["image"]
    count = min(settings.faces, len(test), len(train) // 2)
    images = editor.decode(_latents(mapping, count, settings.seed))
    known = perception.pooled(train[: min(len(train), 2 * count)])
    center, axes = _axes(known)
    drawn, real = ((perception.pooled(each) - center) @ axes.T for each in (images, test[:count]))
    resampling = settings.resamples, settings.seed
    return Samples(
        distance=frechet_distance(drawn, real, *resampling),
        reference=frechet_distance((known[:count] - center) @ axes.T, real, *resampling),
        sheet=report.samples(images[:SHOWN]),
    )


def _latents(mapping: OnnxModel, count: int, seed: int) -> Floats:
    size = int(mapping.input_shape("noise")[1])
    noise = np.random.default_rng(seed).standard_normal((count, size), np.float32)
    return np.asarray(mapping(noise=noise)["latents"])


def _axes(features: Floats) -> tuple[Floats, Floats]:
    """The mean, and the principal directions divided by the standard deviations along them."""
    center = features.mean(axis=0)
    _, deviations, directions = np.linalg.svd(features - center, full_matrices=False)
    kept = min(COMPONENTS, int((deviations > 1e-4 * deviations[0]).sum()))
    scale = deviations[:kept, None] / np.sqrt(len(features) - 1)
    return center, directions[:kept] / scale
