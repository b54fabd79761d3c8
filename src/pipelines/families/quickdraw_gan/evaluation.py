"""Evaluation of the exported generator, with the champion classifier as judge and real drawings as reference."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest
from atelier.errors import BadInputError
from atelier.evaluation.generation import metrics, sheets
from atelier.evaluation.generation.classifier_outputs import classify_drawings, match_outputs
from atelier.evaluation.generation.drawings import RealDrawings, draw, sample_ids
from atelier.evaluation.generation.plots import against_real
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from pipelines.lifecycle.contracts import Judge


def evaluate(
    inputs: GanInputs, model: OnnxModel, spec: ModelSpec, settings: GanSettings, quickdraw_classifier: Judge
) -> Evaluation:
    """Generate the same number of drawings of every class and compare them with the test split.

    Labels of model, judge and data are matched by name. A class that the model does not know gets blank drawings, which
    count as wrong. A class that the judge does not know is left out of the label accuracy. `labels.json` lists both.

    Returns
    -------
    Evaluation
        Metrics `label_accuracy`, `label_accuracy_large`, `frechet`, `kernel`, `diversity`, `diversity_pixels`,
        `memorization_rate` and `accuracy_score`, and the same metrics of real drawings, `real_…`. An item is one sample
        of one class, generated from the same noise for every model. `label_accuracy`, `label_accuracy_large` and
        `memorization_rate` are means over items. Tables `per_class.json` and `labels.json`; pictures `samples.png`,
        `nearest.png` and `label_accuracy.png`.

    Raises
    ------
    BadInputError
        When the judge knows no class of the data or was trained on other drawings, or the test split has too few
        drawings.
    """
    quickdraw, options = inputs.quickdraw, settings.evaluation
    labels = quickdraw.manifest.labels
    _check_preprocessing(quickdraw_classifier, quickdraw.manifest)
    outputs = match_outputs(quickdraw_classifier.spec.labels, labels, quickdraw_classifier.version)
    training, real = RealDrawings(quickdraw, "train"), RealDrawings(quickdraw, "test").first(options.samples_per_class)
    generated = draw(Generator(model, spec), labels, options.samples_per_class, options.seed)
    known = np.isin(labels, spec.labels)
    memorization, neighbors = metrics.memorization(generated, real, training, known, options)
    classified = (
        classify_drawings(quickdraw_classifier.model, generated, np.where(known, outputs, -1)),
        classify_drawings(quickdraw_classifier.model, real, outputs),
    )
    counts = _counts(quickdraw.manifest)
    parts = [
        metrics.label_accuracy(*classified, outputs >= 0, counts >= options.large_class, options),
        metrics.distances(*classified, options),
        metrics.diversity(*classified, options),
        memorization,
        metrics.accuracy_score(generated, real, training, options),
    ]
    columns = {"label": list(labels), "drawings": counts.tolist()} | _merged([part.columns for part in parts])
    return Evaluation(
        metrics=_merged([part.metrics for part in parts]),
        items=_merged([part.items for part in parts]),
        item_ids=sample_ids(labels, options.samples_per_class),
        pictures={
            "samples.png": sheets.samples(generated, real, labels, options.rows, options.columns),
            "nearest.png": sheets.nearest_neighbors(generated, training, neighbors, labels, options.rows),
            "label_accuracy.png": against_real(
                labels, columns["label_accuracy"], columns["real_label_accuracy"], "Label accuracy"
            ),
        },
        tables={
            "per_class.json": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
            "labels.json": _unmatched_labels(labels, spec.labels, quickdraw_classifier.spec.labels),
        },
    )


def _check_preprocessing(judge: Judge, manifest: Manifest) -> None:
    if judge.spec.preprocessing not in (None, manifest.preprocessing):
        raise BadInputError(
            f"The judge, version {judge.version} of the classifier, was trained on drawings with "
            f"{judge.spec.preprocessing}, but these have {manifest.preprocessing}. Train and promote a classifier on "
            "such drawings first: kedro run --pipelines quickdraw_classifier,promote, with the same --env."
        )


def _counts(manifest: Manifest) -> NDArray[np.int64]:
    """int (classes,): number of drawings over all splits."""
    return np.array([sum(split.get(label, 0) for split in manifest.counts.values()) for label in manifest.labels])


def _unmatched_labels(data: tuple[str, ...], model: tuple[str, ...], judge: tuple[str, ...]) -> dict[str, list[str]]:
    """Labels that are missing in the model, in the judge, or in the data."""
    return {
        "not_drawn": [label for label in data if label not in model],
        "not_judged": [label for label in data if label not in judge],
        "not_in_the_data": [label for label in model if label not in data],
    }


def _merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}
