"""How good a generator's drawings are: asked of its ONNX file, of the champion classifier and of real drawings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest
from atelier.evaluation.generation.plots import against_real
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator
from pipelines.families.quickdraw_gan import measures, sheets
from pipelines.families.quickdraw_gan.classifier_outputs import look, outputs_of
from pipelines.families.quickdraw_gan.drawings import RealDrawings, draw, sample_ids
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from pipelines.lifecycle.contracts import Judge


def evaluate(
    inputs: GanInputs, model: OnnxModel, spec: ModelSpec, settings: GanSettings, quickdraw_classifier: Judge
) -> Evaluation:
    """Draw as many drawings of every class and compare them with the test split.

    Labels of model, judge and data are matched by name. A class that the model does not know is a row of blank sheets,
    of which none agrees; one that the judge does not know is left out of the agreement; `labels.json` names both.

    Returns
    -------
    Evaluation
        Metrics `agreement`, `agreement_large`, `frechet`, `kernel`, `diversity`, `diversity_pixels`, `copies` and
        `accuracy_score`, each beside the same of real drawings, `real_…`. An item is one sample of one class, the same
        noise for every model: `agreement`, `agreement_large` and `copies` are means over them. Tables `per_class.json`
        and `labels.json`; pictures `samples.png`, `nearest.png` and `agreement.png`.

    Raises
    ------
    BadInputError
        When the judge knows no class of the data, or the test split holds too few drawings.
    """
    quickdraw, asked = inputs.quickdraw, settings.evaluation
    labels = quickdraw.manifest.labels
    outputs = outputs_of(quickdraw_classifier, labels)
    training, real = RealDrawings(quickdraw, "train"), RealDrawings(quickdraw, "test").first(asked.samples_per_class)
    generated = draw(Generator(model, spec), labels, asked.samples_per_class, asked.seed)
    known = np.isin(labels, spec.labels)
    copied, near = measures.copies(generated, real, training, known, asked)
    seen = (
        look(quickdraw_classifier, generated, np.where(known, outputs, -1)),
        look(quickdraw_classifier, real, outputs),
    )
    counts = _counts(quickdraw.manifest)
    parts = [
        measures.agreement(*seen, outputs >= 0, counts >= asked.large_class, asked),
        measures.distances(*seen, asked),
        measures.diversity(*seen, asked),
        copied,
        measures.accuracy_score(generated, real, training, asked),
    ]
    columns = {"label": list(labels), "drawings": counts.tolist()} | _merged([part.columns for part in parts])
    return Evaluation(
        metrics=_merged([part.metrics for part in parts]),
        items=_merged([part.items for part in parts]),
        item_ids=sample_ids(labels, asked.samples_per_class),
        pictures={
            "samples.png": sheets.samples(generated, real, labels, asked.rows, asked.columns),
            "nearest.png": sheets.nearest_neighbours(generated, training, near, labels, asked.rows),
            "agreement.png": against_real(labels, columns["agreement"], columns["real_agreement"], "Agreement"),
        },
        tables={
            "per_class.json": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
            "labels.json": _strangers(labels, spec.labels, quickdraw_classifier.spec.labels),
        },
    )


def _counts(manifest: Manifest) -> NDArray[np.int64]:
    """int (classes,): drawings of all splits."""
    return np.array([sum(split.get(label, 0) for split in manifest.counts.values()) for label in manifest.labels])


def _strangers(data: tuple[str, ...], model: tuple[str, ...], judge: tuple[str, ...]) -> dict[str, list[str]]:
    """Labels that not all three know."""
    return {
        "not_drawn": [label for label in data if label not in model],
        "not_judged": [label for label in data if label not in judge],
        "not_in_the_data": [label for label in model if label not in data],
    }


def _merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}
