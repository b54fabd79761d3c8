"""How well a network paints photos in styles, asked of its ONNX file, on photos that it never saw.

Every test photo is painted in every style; such a pair is one item. `metrics` defines the distances of a pair,
`artifacts` what an artifact is. The anchors are measured on the same pairs: the photo as it is, a mere match of the
colours, and the slow optimisation of Gatys et al. (a number of the settings, from `benchmarks/gatys.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization import report as sheets
from atelier.evaluation.stylization.artifacts import border_strength, grid_strength, shifted, shimmer
from atelier.evaluation.stylization.metrics import Floats, Judge, match_colours, monotone_share, style_reached
from atelier.evaluation.stylization.pairs import Gallery, Pairs, hexadecimal
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.model_card import Metric
from atelier.preprocessing.images import ImageArray

Paint = Callable[[ImageArray, int, float], ImageArray]
"""(photo, place of the painting, strength from 0 to 1) → the photo painted, of its size, odd ones too."""


def evaluate_stylisation(
    paint: Paint, photos: Gallery, paintings: Gallery, judge: Judge, asked: EvaluationSettings, cost: Mapping[str, Any]
) -> Evaluation:
    """Paint every photo in every style and compare.

    Parameters
    ----------
    photos, paintings
        The first ones of them, as many as are asked for, are looked at.
    cost
        From `stylisation_cost.cost_table`. It differs from run to run, so it is a table and no metric.

    Returns
    -------
    Evaluation
        Metrics. These are means over pairs, whose intervals take pairs for independent:

        - `content`, `style`: distance from the photo, and from the painting.
        - `reached`: the share of the way from the photo's style distance (0) to the slow method's (1). The way is that
          of the mean pair.
        - `grid`: strength of a checkerboard; about 1 is none.
        - `untouched_style`, `colour_match_content`, `colour_match_style`: the anchors.
        - `shimmer`: over some pairs; 0 where the photo shifted by a pixel gives the picture shifted by a pixel.

        And these are numbers without an interval:

        - `monotone`: share of steps to more strength, over some pairs, at which the style distance does not rise, and
          of those at which the content distance does not fall.
        - `border`: strength of a border over all pictures; about 1 is none.

        Items `content`, `style`, `reached` and `grid`; tables `pairs.json` and `cost.json`; pictures `sheet.png` and
        `strengths.png`.
    """
    photos, paintings = photos.first(asked.photos), paintings.first(asked.paintings)
    pairs = Pairs.all(photos, paintings)
    pictures = [paint(photos.pictures[pair.photo], pair.painting, 1.0) for pair in pairs.places]
    columns = _distances(pictures, pairs, judge, asked.slow_style)
    columns["grid"] = np.array([grid_strength(picture) for picture in pictures])
    some = Pairs.diagonal(photos, paintings, asked.strength_pairs)
    rows = [[paint(photos.pictures[at.photo], at.painting, s) for s in asked.strengths] for at in some.places]
    metrics = {name: bootstrap_mean(values, asked.resamples, asked.seed) for name, values in columns.items()}
    shifting = _shimmer(paint, Pairs.diagonal(photos, paintings, asked.shifted_pairs))
    metrics["shimmer"] = bootstrap_mean(shifting, asked.resamples, asked.seed)
    metrics["monotone"] = _exactly(_monotone(rows, some, judge))
    metrics["border"] = _exactly(border_strength(pictures))
    return Evaluation(
        metrics=metrics,
        items={name: columns[name] for name in ("content", "style", "reached", "grid") if name in columns},
        item_ids=pairs.ids,
        pictures={
            "sheet.png": sheets.photos_by_styles(pairs, pictures, asked.sheet_photos, asked.sheet_paintings),
            "strengths.png": sheets.strengths(some, rows, asked.strengths),
        },
        tables={"pairs.json": _table(pairs, columns), "cost.json": dict(cost)},
    )


def _distances(pictures: list[ImageArray], pairs: Pairs, judge: Judge, slow: float | None) -> dict[str, Floats]:
    """Name → (pairs,)."""
    of_photos, of_paintings = pairs.photo_of_each, pairs.painting_of_each
    matched = [match_colours(*pair) for pair in zip(of_photos, of_paintings, strict=True)]
    content, style = judge(pictures, of_photos, of_paintings)
    untouched = judge(of_photos, of_photos, of_paintings).style
    by_colour = judge(matched, of_photos, of_paintings)
    columns = {
        "content": content,
        "style": style,
        "untouched_style": untouched,
        "colour_match_content": by_colour.content,
        "colour_match_style": by_colour.style,
    }
    if slow is not None:
        # Each pair's gain on the mean pair's way: a pair with hardly a way to go would outweigh all others.
        start = untouched.mean()
        columns["reached"] = style_reached(start - (untouched - style), start, slow)
    return columns


def _shimmer(paint: Paint, pairs: Pairs) -> Floats:
    """(pairs,)."""
    views = [(shifted(photo), pair.painting) for photo, pair in zip(pairs.photo_of_each, pairs.places, strict=True)]
    return np.array([shimmer(*(paint(view, painting, 1.0) for view in both)) for both, painting in views])


def _monotone(rows: list[list[ImageArray]], pairs: Pairs, judge: Judge) -> float:
    """Rows hold one pair's pictures at rising strengths."""
    found = [
        judge(row, [photo] * len(row), [painting] * len(row))
        for row, photo, painting in zip(rows, pairs.photo_of_each, pairs.painting_of_each, strict=True)
    ]
    style, content = (np.stack([getattr(distances, name) for distances in found]) for name in ("style", "content"))
    return (monotone_share(style) + monotone_share(-content)) / 2


def _exactly(value: float) -> Metric:
    return Metric(value=value, low=value, high=value)


def _table(pairs: Pairs, columns: Mapping[str, Floats]) -> list[dict[str, Any]]:
    """A row a pair: which photo, which painting, and all that was measured of it."""
    return [
        {
            "photo": hexadecimal(pairs.photos.ids[pair.photo]),
            "painting": hexadecimal(pairs.paintings.ids[pair.painting]),
            "style_name": pairs.paintings.names[pair.painting],
            **{name: round(float(values[row]), 6) for name, values in columns.items()},
        }
        for row, pair in enumerate(pairs.places)
    ]
