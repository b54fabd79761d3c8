"""Evaluation of a model that edits faces: reconstructions, samples, and edits as judges see them.

Beside the model stand two baselines: eigenfaces with the same kind of regression, and the mean face.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.faces import report, tables
from atelier.evaluation.faces.edits import Editor, Edits, measure_edits
from atelier.evaluation.faces.eigenfaces import Eigenfaces
from atelier.evaluation.faces.face_set import FaceSet
from atelier.evaluation.faces.judges import Judges
from atelier.evaluation.faces.perception import Perception
from atelier.evaluation.faces.reconstruction import mean_square, perceptual_distance, structural_similarity
from atelier.evaluation.faces.samples import Samples, sample
from atelier.evaluation.faces.settings import FaceEvaluationSettings
from atelier.evaluation.results import Evaluation
from atelier.model_card import Metric
from atelier.onnx.model import OnnxModel
from atelier.predictors.face_editor import FaceEditor
from atelier.pretrained.faces.judges import FaceJudges
from atelier.pretrained.perceptual.asset import Perceptual

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]
EIGENFACES, MEAN_FACE = "eigenfaces", "mean_face"
ADULTS = "age_to_gender_adults"


@dataclass(frozen=True)
class Measured:
    """What was measured of one model."""

    reconstruction: dict[str, Floats]
    """Metric → (n,)."""
    edits: Edits | None


def evaluate_faces(
    editor: FaceEditor,
    mapping: OnnxModel,
    faces: PreparedData,
    perceptual: Perceptual,
    pretrained_judges: FaceJudges,
    settings: FaceEvaluationSettings,
) -> Evaluation:
    """Reconstruct and edit test faces.

    Parameters
    ----------
    mapping
        Input `noise`, float32 (batch, z); output `latents`, as `editor` decodes.
    faces
        Prepared faces with attributes.

    Returns
    -------
    Evaluation
        Means over test faces:

        - `l2`, `perceptual`, `ssim`: of a face and its reconstruction, see `reconstruction`.
        - `zero_edit`: largest difference between an edit by nothing and the reconstruction, in gray levels; 0.
        - `<attribute>_slope`: how far the attribute moves for one standard deviation asked, as its judge sees it.
        - `<attribute>_leak`: largest mean slope of any other attribute, without its sign; a mean over no items.
        - `age_to_gender_adults`: slope of the judged gender when age is edited, over adults only.
        - `identity`: cosine of the identity features of edits and reconstruction, over all edits.

        Others: `<attribute>_r`, the correlation of what was asked and what moved; `<attribute>_judge_r`, that of the
        judge with the labels of the test faces themselves; `samples`, see `samples`. Each of the first kinds also with
        the prefix `eigenfaces_` or `mean_face_`, for the baselines. An attribute without a direction, which no request
        moves, has the slope and the leakage 0, so that the gate can compare models with different directions.
    """
    test = FaceSet.of(faces, editor, settings)
    judges = Judges(pretrained_judges, faces, settings.training_faces, settings.judge_ridge)
    perception = Perception(perceptual, faces, settings.training_faces)
    baseline = Eigenfaces(faces, settings.components, settings.training_faces, settings.baseline_ridge)
    models: dict[str, Measured] = {
        "": _measure(editor, test, judges, perception, settings),
        EIGENFACES: _measure(baseline, test, judges, perception, settings),
        MEAN_FACE: Measured(_reconstruction(test.images, _mean_face(baseline, test), perception), None),
    }
    sampled = sample(editor, mapping, faces, perception, settings)
    unmoved = [name for name in judges.kinds if name not in test.directions]
    items = _items(models, test) | {f"{name}_slope": np.zeros(len(test.images)) for name in unmoved}
    items["zero_edit"] = _zero_edit(editor, test)
    of_model = {name: values for name, values in items.items() if not name.startswith((EIGENFACES, MEAN_FACE))}
    return Evaluation(
        metrics=_metrics(items, models, test, judges, sampled, settings) | _no_leakage(unmoved),
        items=of_model,
        item_ids=test.ids,
        subset_ids={name: test.ids[test.adults] for name in of_model if name == ADULTS},
        pictures=_pictures(editor, baseline, test, models, sampled, settings),
        tables=tables.all_tables(models, test.adults, judges.kinds),
    )


def _measure(
    editor: Editor,
    test: FaceSet,
    judges: Judges,
    perception: Perception,
    settings: FaceEvaluationSettings,
) -> Measured:
    latents = editor.encode(test.images)
    found = _reconstruction(test.images, editor.decode(latents), perception)
    edits = measure_edits(editor, latents, test.directions, settings.requests, judges, perception.identity)
    return Measured(found, edits)


def _reconstruction(images: Images, others: Images, perception: Perception) -> dict[str, Floats]:
    return {
        "l2": mean_square(images, others),
        "perceptual": perceptual_distance(images, others, perception.layers),
        "ssim": structural_similarity(images, others),
    }


def _mean_face(baseline: Eigenfaces, test: FaceSet) -> Images:
    return np.repeat(baseline.decode(0 * baseline.encode(test.images[:1])), len(test.images), axis=0)


def _zero_edit(editor: FaceEditor, test: FaceSet) -> Floats:
    latents = editor.encode(test.images)
    plain, edited = editor.decode(latents), editor.decode(editor.edit(latents, dict.fromkeys(test.directions, 0.0)))
    difference = np.abs(plain.astype(np.int16) - edited)
    return np.asarray(difference.max(axis=(1, 2, 3)), np.float64)


def _items(models: Mapping[str, Measured], test: FaceSet) -> dict[str, Floats]:
    """Metric → (n,) one value for each test face, or for each adult."""
    items: dict[str, Floats] = {}
    for model, measured in models.items():
        prefix = f"{model}_" if model else ""
        items |= {prefix + name: values for name, values in measured.reconstruction.items()}
        edits = measured.edits
        if edits is None:
            continue
        for name in edits.judged:
            items[f"{prefix}{name}_slope"] = edits.slopes(name, name)
        if edits.directions:
            items[f"{prefix}identity"] = edits.identity.mean(axis=(0, 1))
        if test.adults.any() and {"age", "gender"} <= set(edits.judged):
            items[prefix + ADULTS] = edits.slopes("age", "gender")[test.adults]
    return items


def _metrics(
    items: Mapping[str, Floats],
    models: Mapping[str, Measured],
    test: FaceSet,
    judges: Judges,
    sampled: Samples,
    settings: FaceEvaluationSettings,
) -> dict[str, Metric]:
    resampling = settings.resamples, settings.seed
    metrics = {name: bootstrap_mean(values, *resampling) for name, values in items.items()}
    for model, measured in models.items():
        prefix, edits = f"{model}_" if model else "", measured.edits
        for name in edits.judged if edits else ():
            assert edits is not None
            metrics[f"{prefix}{name}_r"] = edits.correlation(name, *resampling)
            metrics[f"{prefix}{name}_leak"] = tables.largest_leak(edits, name, *resampling)
    for name, estimates in judges(test.images).items():
        metrics[f"{name}_judge_r"] = tables.agreement(estimates, test.labels[name], *resampling)
    return metrics | {"samples": sampled.distance, "samples_reference": sampled.reference}


def _no_leakage(attributes: Iterable[str]) -> dict[str, Metric]:
    return {f"{name}_leak": Metric(value=0.0, low=0.0, high=0.0) for name in attributes}


def _pictures(
    editor: FaceEditor,
    baseline: Eigenfaces,
    test: FaceSet,
    models: Mapping[str, Measured],
    sampled: Samples,
    settings: FaceEvaluationSettings,
) -> dict[str, bytes]:
    shown = test.images[: settings.sheet_faces]
    rows = {"face": shown} | {
        name: model.decode(model.encode(shown)) for name, model in (("model", editor), (EIGENFACES, baseline))
    }
    sheets = {f"edits_{name}.png": report.edits(editor, shown, name, settings.requests) for name in test.directions}
    drawn = {"reconstructions.png": report.reconstructions(rows, len(shown)), "samples.png": sampled.sheet}
    edits = models[""].edits
    if edits is not None and edits.judged:
        everyone = np.ones(len(test.ids), np.bool_)
        adults = edits.leakage(test.adults) if test.adults.any() else None
        drawn["leakage.png"] = report.leakage(edits, edits.leakage(everyone), adults)
    return drawn | sheets
