"""Evaluation of a style transfer network: its ONNX file on photos outside the training data.

Every test photo is stylized in every style, and each such pair is one test item. `metrics` defines the distances of a
pair, `artifacts` the artifacts. The reference values are measured on the same pairs: the unchanged photo, a match of
the colors alone, and the optimization of Gatys et al. (a value in the settings, from `benchmarks/quality/gatys.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization import report
from atelier.evaluation.stylization.artifacts import (
    border_statistic,
    checkerboard_strength,
    shift_instability,
    shifted_views,
)
from atelier.evaluation.stylization.metrics import (
    ContentStyleDistance,
    Floats,
    gap_closed,
    match_colors,
    monotonicity,
)
from atelier.evaluation.stylization.pairs import ImageSet, Pairs, hexadecimal
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.evaluation.unit_bootstrap import bootstrap_units, mean_over_units
from atelier.model_card import Metric
from atelier.preprocessing.images import ImageArray

_REFERENCES = ("untouched_style", "color_match_content", "color_match_style")
"""Metrics that do not depend on the network, so that there is nothing to compare."""

Stylize = Callable[[ImageArray, int, float], ImageArray]
"""(photo, index of the painting, strength from 0 to 1) → stylized photo of the same size, for any size."""


class _Measured(NamedTuple):
    """Values of a metric that is a mean over pairs, and these pairs."""

    values: Floats
    pairs: Pairs


def evaluate_stylization(
    stylize: Stylize,
    photos: ImageSet,
    paintings: ImageSet,
    distance: ContentStyleDistance,
    settings: EvaluationSettings,
    cost: Mapping[str, Any],
) -> Evaluation:
    """Stylize every photo in every style and measure the results.

    Parameters
    ----------
    photos, paintings
        As many are used as `settings` says, from the first on.
    cost
        From `cost.cost_table`. It differs from run to run, so it is a table, not a metric.

    Returns
    -------
    Evaluation
        The intervals are over photos and paintings, which are independent, not over pairs; see `unit_bootstrap`. These
        metrics are means over pairs:

        - `content`, `style`: distance from the photo, and from the painting.
        - `gap_closed`: fraction of the gap between the style distance of the photo (0) and that of Gatys' optimization
          (1) that is closed. The gap is the mean over all pairs.
        - `checkerboard`: strength of a checkerboard; about 1 is none.
        - `untouched_style`, `color_match_content`, `color_match_style`: the reference values.
        - `shift_instability`: over some pairs; 0 when shifting the photo by one pixel only shifts the result.
        - `strength_monotonicity`: over some pairs, fraction of steps to a larger strength at which the style distance
          does not rise, averaged with the fraction at which the content distance does not fall.

        This one is computed from all results together:

        - `border`: strength of a border; about 1 is none.

        Items are all means over pairs except the reference values; tables `pairs.json` and `cost.json`; pictures
        `sheet.png` and `strengths.png`.
    """
    photos, paintings = photos.first(settings.photos), paintings.first(settings.paintings)
    pairs = Pairs.all(photos, paintings)
    stylized = [stylize(photos.images[pair.photo], pair.painting, 1.0) for pair in pairs.indices]
    columns = _distances(stylized, pairs, distance, settings.slow_style)
    columns["checkerboard"] = np.array([checkerboard_strength(image) for image in stylized])
    shifted = Pairs.diagonal(photos, paintings, settings.shifted_pairs)
    some = Pairs.diagonal(photos, paintings, settings.strength_pairs)
    rows = [[stylize(photos.images[at.photo], at.painting, s) for s in settings.strengths] for at in some.indices]
    measured = {name: _Measured(values, pairs) for name, values in columns.items()}
    measured["shift_instability"] = _Measured(_instability(stylize, shifted), shifted)
    measured["strength_monotonicity"] = _Measured(_monotonicity(rows, some, distance), some)
    compared = {name: values for name, values in measured.items() if name not in _REFERENCES}
    return Evaluation(
        metrics=_metrics(measured, stylized, pairs, settings),
        items={name: on.values for name, on in compared.items()},
        item_ids=pairs.ids,
        pictures={
            "sheet.png": report.photos_by_styles(pairs, stylized, settings.sheet_photos, settings.sheet_paintings),
            "strengths.png": report.strengths(some, rows, settings.strengths),
        },
        tables={"pairs.json": _table(pairs, columns), "cost.json": dict(cost)},
        units=pairs.units,
        subset_ids={name: on.pairs.ids for name, on in compared.items() if on.pairs is not pairs},
    )


def _metrics(
    measured: Mapping[str, _Measured], stylized: list[ImageArray], pairs: Pairs, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Every metric with its interval over photos and paintings."""
    resampling = settings.resamples, settings.seed
    means = {name: mean_over_units(on.values, on.pairs.units, *resampling) for name, on in measured.items()}
    # Centered, because the largest of several noisy values is larger in a resample than in the images themselves.
    border = bootstrap_units(border_statistic(stylized), pairs.units, *resampling, centered=True)
    return means | {"border": border}


def _distances(
    stylized: list[ImageArray], pairs: Pairs, distance: ContentStyleDistance, slow: float | None
) -> dict[str, Floats]:
    """Column name → (pairs,)."""
    photos, paintings = pairs.photo_of_each, pairs.painting_of_each
    matched = [match_colors(*pair) for pair in zip(photos, paintings, strict=True)]
    content, style = distance(stylized, photos, paintings)
    untouched = distance(photos, photos, paintings).style
    color_match = distance(matched, photos, paintings)
    columns = {
        "content": content,
        "style": style,
        "untouched_style": untouched,
        "color_match_content": color_match.content,
        "color_match_style": color_match.style,
    }
    if slow is not None:
        # Each pair's gain is divided by the mean gap: a pair with a tiny gap of its own would dominate the mean.
        start = untouched.mean()
        columns["gap_closed"] = gap_closed(start - (untouched - style), start, slow)
    return columns


def _instability(stylize: Stylize, pairs: Pairs) -> Floats:
    """(pairs,) shift instability."""
    views = [
        (shifted_views(photo), pair.painting) for photo, pair in zip(pairs.photo_of_each, pairs.indices, strict=True)
    ]
    return np.array([shift_instability(*(stylize(view, painting, 1.0) for view in both)) for both, painting in views])


def _monotonicity(rows: list[list[ImageArray]], pairs: Pairs, distance: ContentStyleDistance) -> Floats:
    """(pairs,) strength monotonicity; `rows` holds the results of one pair at rising strengths each."""
    found = [
        distance(row, [photo] * len(row), [painting] * len(row))
        for row, photo, painting in zip(rows, pairs.photo_of_each, pairs.painting_of_each, strict=True)
    ]
    style, content = (np.stack([getattr(distances, name) for distances in found]) for name in ("style", "content"))
    return (monotonicity(style) + monotonicity(-content)) / 2


def _table(pairs: Pairs, columns: Mapping[str, Floats]) -> list[dict[str, Any]]:
    """One row per pair: ids of photo and painting, and all its values."""
    return [
        {
            "photo": hexadecimal(pairs.photos.ids[pair.photo]),
            "painting": hexadecimal(pairs.paintings.ids[pair.painting]),
            "style_name": pairs.paintings.names[pair.painting],
            **{name: round(float(values[row]), 6) for name, values in columns.items()},
        }
        for row, pair in enumerate(pairs.indices)
    ]
