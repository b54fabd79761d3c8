"""The metrics of an evaluation. Each metric of generated drawings is also computed on real drawings."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.generation.cas import correct_predictions
from atelier.evaluation.generation.classifier_outputs import ClassifiedDrawings
from atelier.evaluation.generation.distances import diversity_ratio, frechet_distance, kernel_distance
from atelier.evaluation.generation.drawings import Drawings, RealDrawings
from atelier.evaluation.generation.memorization import Nearest, copy_threshold, nearest
from atelier.evaluation.generation.settings import EvaluationSettings
from atelier.evaluation.groups import group_means
from atelier.evaluation.results import in_json
from atelier.model_card import Metric

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class MetricGroup:
    """Some metrics of the evaluation, with their values per item and their columns in the table of classes.

    Attributes
    ----------
    metrics
        Name → metric.
    items
        Name → float64 (items,) values whose mean is the metric, for metrics that the gate compares.
    columns
        Name → one value per class.
    """

    metrics: dict[str, Metric]
    items: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)


def label_accuracy(
    generated: ClassifiedDrawings, real: ClassifiedDrawings, known: Bools, large: Bools, settings: EvaluationSettings
) -> MetricGroup:
    """Fraction of drawings whose label the judge predicts, as mean over classes.

    Parameters
    ----------
    known
        bool (classes,): whether the judge knows the class; other classes are left out.
    large
        bool (classes,): whether the class counts for `label_accuracy_large`. If the judge knows no such class, all
        classes count.
    """
    large = large & known if (large & known).any() else known
    metrics: dict[str, Metric] = {}
    items: dict[str, NDArray[np.float64]] = {}
    columns: dict[str, list[Any]] = {}
    for name, classes in {"label_accuracy": known, "label_accuracy_large": large}.items():
        for prefix, classified in {"": generated, "real_": real}.items():
            label = classified.drawings.label
            selected = classes[label]
            metrics[prefix + name], class_metrics = group_means(
                classified.correct[selected], label[selected], len(known), settings.resamples, settings.seed
            )
            columns.setdefault(prefix + "label_accuracy", [in_json(metric) for metric in class_metrics])
        items[name] = mean_parts(generated.correct, classes[generated.drawings.label])
    return MetricGroup(metrics, items, columns)


def mean_parts(values: NDArray[Any], selected: Bools) -> NDArray[np.float64]:
    """(n,) values whose mean is that of the selected values, as the gate compares metrics by means over all items."""
    return np.where(selected, values, 0.0) * (len(values) / max(int(selected.sum()), 1))


def distances(generated: ClassifiedDrawings, real: ClassifiedDrawings, settings: EvaluationSettings) -> MetricGroup:
    """Fréchet and kernel distance of generated drawings to one half of the real test drawings, and between its halves.

    All three sets hold the same number of drawings of each class.

    Raises
    ------
    BadInputError
        When the test split has too few drawings.
    """
    count = np.bincount(real.drawings.label, minlength=real.drawings.classes) // 2
    first, second = (half[half.drawings.rank < count[half.drawings.label]] for half in halves(real))
    fake = generated[generated.drawings.rank < count[generated.drawings.label]]
    if len(fake.correct) < 2:
        raise BadInputError("The test split has too few drawings for a distance. Prepare more items per category.")
    # Evenly spaced in drawings sorted by class, so that the proportions of the classes are kept.
    index = np.unique(np.linspace(0, len(fake.correct) - 1, settings.distance_drawings).astype(np.int64))
    a, b, c = first.features[index], second.features[index], fake.features[index]
    return MetricGroup(
        {
            "frechet": frechet_distance(c, a, settings.resamples, settings.seed),
            "real_frechet": frechet_distance(b, a, settings.resamples, settings.seed),
            "kernel": kernel_distance(c, a, settings.resamples, settings.seed),
            "real_kernel": kernel_distance(b, a, settings.resamples, settings.seed),
        }
    )


def diversity(generated: ClassifiedDrawings, real: ClassifiedDrawings, settings: EvaluationSettings) -> MetricGroup:
    """Mean distance of two drawings of a class, divided by that of real drawings, in features and in pixels."""
    first, second = halves(real)
    metrics, columns = {}, {}
    for name, values in {"diversity": _features, "diversity_pixels": _pixels}.items():
        metrics[name], class_metrics = diversity_ratio(
            values(generated), values(real), settings.resamples, settings.seed
        )
        metrics[f"real_{name}"], _ = diversity_ratio(values(second), values(first), settings.resamples, settings.seed)
        columns[name] = [in_json(metric) for metric in class_metrics]
    return MetricGroup(metrics, columns=columns)


def halves(real: ClassifiedDrawings) -> tuple[ClassifiedDrawings, ClassifiedDrawings]:
    """Every second drawing of each class, and the others."""
    even = real.drawings.rank % 2 == 0
    return real[even], real[~even]


def memorization(
    generated: Drawings, real: Drawings, training: RealDrawings, known: Bools, settings: EvaluationSettings
) -> tuple[MetricGroup, list[Nearest]]:
    """Fraction of drawings that copy a training drawing of their class.

    See `atelier.evaluation.generation.memorization`.

    Parameters
    ----------
    known
        bool (classes,): whether the generator knows the class. The blank drawings of other classes are not copies.

    Returns
    -------
    MetricGroup
        `real_memorization_rate` equals `settings.copy_share` by construction, apart from rounding.
    list of Nearest
        The nearest training drawings of the generated drawings, one entry per class.
    """
    neighbors, real_neighbors = _neighbors(generated, training), _neighbors(real, training)
    threshold = copy_threshold(np.concatenate([each.relative for each in real_neighbors]), settings.copy_share)
    copied = np.concatenate([(each.relative <= threshold) & known[label] for label, each in enumerate(neighbors)])
    copied_real = np.concatenate([each.relative <= threshold for each in real_neighbors])
    metrics = {
        "memorization_rate": bootstrap_mean(copied, settings.resamples, settings.seed),
        "real_memorization_rate": bootstrap_mean(copied_real, settings.resamples, settings.seed),
    }
    columns: dict[str, list[Any]] = {
        "memorized": [int(part.sum()) for part in generated.by_class(copied)],
        "relative_distance": [_median(each.relative) for each in neighbors],
        "real_relative_distance": [_median(each.relative) for each in real_neighbors],
    }
    return MetricGroup(metrics, {"memorization_rate": copied.astype(np.float64)}, columns), neighbors


def accuracy_score(
    generated: Drawings, real: Drawings, training: RealDrawings, settings: EvaluationSettings
) -> MetricGroup:
    """Accuracy on real test drawings of classifiers trained on generated drawings and on real drawings."""
    max_count = np.minimum(training.counts, settings.score_drawings // generated.classes)
    metrics = {}
    learned_from = {"": generated[generated.rank < max_count[generated.label]]}
    learned_from["real_"] = training.first(np.bincount(learned_from[""].label, minlength=generated.classes))
    for prefix, drawings in learned_from.items():
        correct = correct_predictions(drawings.images, drawings.label, real.images, real.label)
        metrics[f"{prefix}accuracy_score"] = bootstrap_mean(correct, settings.resamples, settings.seed)
    return MetricGroup(metrics)


def _features(classified: ClassifiedDrawings) -> list[NDArray[np.float64]]:
    return classified.drawings.by_class(classified.features)


def _pixels(classified: ClassifiedDrawings) -> list[NDArray[np.float64]]:
    drawings = classified.drawings
    return drawings.by_class(drawings.images.reshape(len(drawings.label), -1) / 255)


def _neighbors(drawings: Drawings, training: RealDrawings) -> list[Nearest]:
    """Nearest training drawings, one entry per class. Infinite distances for a class without training drawings."""
    return [
        nearest(images, training.batches(label)) if training.counts[label] else _no_neighbors(len(images))
        for label, images in enumerate(drawings.by_class(drawings.images))
    ]


def _no_neighbors(count: int) -> Nearest:
    return Nearest(np.full(count, -1), np.full(count, np.inf), np.ones(count))


def _median(values: NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None
