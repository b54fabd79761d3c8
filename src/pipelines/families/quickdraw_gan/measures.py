"""The numbers of an evaluation. Each measure of generated drawings stands beside the same one of real drawings."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.generation.cas import right_answers
from atelier.evaluation.generation.distances import diversity_ratio, frechet_distance, kernel_distance
from atelier.evaluation.generation.memorization import Nearest, copy_threshold, nearest
from atelier.evaluation.groups import group_means
from atelier.evaluation.results import in_json
from atelier.model_card import Metric
from pipelines.families.quickdraw_gan.classifier_outputs import Seen
from pipelines.families.quickdraw_gan.drawings import Drawings, RealDrawings
from pipelines.families.quickdraw_gan.settings import EvaluationSettings

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """One part of the evaluation: metrics, what they are means of, and columns of the table of classes."""

    metrics: dict[str, Metric]
    items: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)


def agreement(generated: Seen, real: Seen, judged: Bools, large: Bools, asked: EvaluationSettings) -> Measured:
    """How often the judge names a drawing as its label: mean over classes.

    Parameters
    ----------
    judged
        bool (classes,): the judge knows the class; the others are left out.
    large
        bool (classes,): counts for `agreement_large`.
    """
    large = large & judged if (large & judged).any() else judged
    metrics: dict[str, Metric] = {}
    items: dict[str, NDArray[np.float64]] = {}
    columns: dict[str, list[Any]] = {}
    for name, classes in {"agreement": judged, "agreement_large": large}.items():
        for prefix, seen in {"": generated, "real_": real}.items():
            chosen = classes[seen.drawings.label]
            metrics[prefix + name], each = group_means(
                seen.hit[chosen], seen.drawings.label[chosen], len(judged), asked.resamples, asked.seed
            )
            columns.setdefault(prefix + "agreement", [in_json(metric) for metric in each])
        items[name] = part_of_mean(generated.hit, classes[generated.drawings.label])
    return Measured(metrics, items, columns)


def part_of_mean(values: NDArray[Any], chosen: Bools) -> NDArray[np.float64]:
    """(n,) numbers whose mean is that of the chosen values, so that the gate can pair what only some items have."""
    return np.where(chosen, values, 0.0) * (len(values) / max(int(chosen.sum()), 1))


def distances(generated: Seen, real: Seen, asked: EvaluationSettings) -> Measured:
    """Fréchet and kernel distance to one half of the real test drawings, and between its two halves.

    All three sets hold as many drawings of every class.
    """
    count = np.bincount(real.drawings.label, minlength=real.drawings.classes) // 2
    first, second = (half[half.drawings.rank < count[half.drawings.label]] for half in halves(real))
    fake = generated[generated.drawings.rank < count[generated.drawings.label]]
    if len(fake.hit) < 2:
        raise BadInputError("The test split has too few drawings for a distance. Prepare more items per category.")
    # Evenly spaced among drawings in the order of their classes: every class keeps its part.
    chosen = np.unique(np.linspace(0, len(fake.hit) - 1, asked.distance_drawings).astype(np.int64))
    a, b, c = first.features[chosen], second.features[chosen], fake.features[chosen]
    return Measured(
        {
            "frechet": frechet_distance(c, a, asked.resamples, asked.seed),
            "real_frechet": frechet_distance(b, a, asked.resamples, asked.seed),
            "kernel": kernel_distance(c, a, asked.resamples, asked.seed),
            "real_kernel": kernel_distance(b, a, asked.resamples, asked.seed),
        }
    )


def diversity(generated: Seen, real: Seen, asked: EvaluationSettings) -> Measured:
    """Mean distance between two drawings of a class over that of real ones, in features and in pixels."""
    first, second = halves(real)
    metrics, columns = {}, {}
    for name, values in {"diversity": _features, "diversity_pixels": _pixels}.items():
        metrics[name], each = diversity_ratio(values(generated), values(real), asked.resamples, asked.seed)
        metrics[f"real_{name}"], _ = diversity_ratio(values(second), values(first), asked.resamples, asked.seed)
        columns[name] = [in_json(metric) for metric in each]
    return Measured(metrics, columns=columns)


def halves(real: Seen) -> tuple[Seen, Seen]:
    """Every other drawing of each class, and the rest."""
    even = real.drawings.rank % 2 == 0
    return real[even], real[~even]


def copies(
    generated: Drawings, real: Drawings, training: RealDrawings, known: Bools, asked: EvaluationSettings
) -> tuple[Measured, list[Nearest]]:
    """Share of drawings that are too near to one training drawing of their class.

    See `atelier.evaluation.generation.memorization`.

    Parameters
    ----------
    known
        bool (classes,): the generator knows the class; what it does not draw is no copy.

    Returns
    -------
    Measured
        `real_copies` is `asked.copy_share` by construction, but for rounding.
    list of Nearest
        Of the generated drawings, class by class.
    """
    near, near_real = _neighbours(generated, training), _neighbours(real, training)
    threshold = copy_threshold(np.concatenate([found.relative for found in near_real]), asked.copy_share)
    copied = np.concatenate([(found.relative <= threshold) & known[label] for label, found in enumerate(near)])
    copied_real = np.concatenate([found.relative <= threshold for found in near_real])
    metrics = {
        "copies": bootstrap_mean(copied, asked.resamples, asked.seed),
        "real_copies": bootstrap_mean(copied_real, asked.resamples, asked.seed),
    }
    columns: dict[str, list[Any]] = {
        "copies": [int(part.sum()) for part in generated.by_class(copied)],
        "relative_distance": [_median(found.relative) for found in near],
        "real_relative_distance": [_median(found.relative) for found in near_real],
    }
    return Measured(metrics, {"copies": copied.astype(np.float64)}, columns), near


def accuracy_score(generated: Drawings, real: Drawings, training: RealDrawings, asked: EvaluationSettings) -> Measured:
    """Share of real test drawings that a classifier names which saw generated drawings only, or as many real ones."""
    most = np.minimum(training.counts, asked.score_drawings // generated.classes)
    metrics = {}
    learned = {"": generated[generated.rank < most[generated.label]]}
    learned["real_"] = training.first(np.bincount(learned[""].label, minlength=generated.classes))
    for prefix, drawings in learned.items():
        right = right_answers(drawings.images, drawings.label, real.images, real.label)
        metrics[f"{prefix}accuracy_score"] = bootstrap_mean(right, asked.resamples, asked.seed)
    return Measured(metrics)


def _features(seen: Seen) -> list[NDArray[np.float64]]:
    return seen.drawings.by_class(seen.features)


def _pixels(seen: Seen) -> list[NDArray[np.float64]]:
    return seen.drawings.by_class(seen.drawings.images.reshape(len(seen.hit), -1) / 255)


def _neighbours(drawings: Drawings, training: RealDrawings) -> list[Nearest]:
    """Class by class; where there is no training drawing, nothing is near."""
    return [
        nearest(images, training.parts(label)) if training.counts[label] else _alone(len(images))
        for label, images in enumerate(drawings.by_class(drawings.images))
    ]


def _alone(count: int) -> Nearest:
    return Nearest(np.full(count, -1), np.full(count, np.inf), np.ones(count))


def _median(values: NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None
