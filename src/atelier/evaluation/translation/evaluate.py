"""Evaluation of an unpaired translation: test photos against test paintings, as sets, and against themselves.

Nothing says what the painting of a photo should look like, so the translated photos are compared with real paintings as
a set (`kernel_distance`), in features that no loss used. What must be kept of each photo is measured photo by photo.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.bootstrap import Weights, bootstrap
from atelier.evaluation.generation.distances import pair_distances
from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.artifacts import checkerboard_strength
from atelier.evaluation.stylization.metrics import ContentStyleDistance, match_colors
from atelier.evaluation.stylization.pairs import ImageSet, Pairs, hexadecimal
from atelier.evaluation.translation import measures, report
from atelier.evaluation.translation.kernel_distance import distance_terms, ratio_terms
from atelier.evaluation.translation.settings import EvaluationSettings
from atelier.evaluation.unit_bootstrap import mean_over_units
from atelier.model_card import Metric
from atelier.preprocessing.images import ImageArray

Translate = Callable[[ImageArray], ImageArray]
"""Image uint8 (height, width, 3) → translated image of the same size."""
Describe = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Images uint8 (n, height, width, 3) → features (n, d)."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FeatureNetworks:
    """The networks in whose features images are compared."""

    describe: Describe
    """Features of the kernel distance and the diversity. No loss used them."""
    content: ContentStyleDistance


@dataclass(frozen=True)
class _Features:
    """(n, d) features of each set of images."""

    photos: Floats
    painted: Floats
    color_matched: Floats
    paintings: Floats


def evaluate_translation(
    to_painting: Translate,
    to_photo: Translate,
    photos: ImageSet,
    paintings: ImageSet,
    networks: FeatureNetworks,
    settings: EvaluationSettings,
) -> Evaluation:
    """Translate every photo to a painting and back, and measure the results.

    Parameters
    ----------
    photos, paintings
        Test items.

    Returns
    -------
    Evaluation
        Compared with the paintings as a set; the intervals are over photos and paintings, both resampled:

        - `kernel_ratio`: kernel distance between translated photos and paintings, divided by that of the photos
          themselves. 1 is no change, 0 is as near as other paintings.
        - `color_match_ratio`: the same, for photos with the colors of a painting; a reference.
        - `paintings_ratio`: kernel distance between two halves of the paintings, divided likewise; a reference.
        - `diversity`: mean feature distance between two translated photos, divided by that between two photos.

        Means over photos:

        - `content`: content distance from the photo, see `evaluation.stylization.metrics`.
        - `edge_agreement`, `brightness_agreement`: see `measures`; `inverted`: 1 where the latter is below 0.
        - `cycle`: mean absolute difference of a photo and its translation there and back, in units of 255.
        - `hidden_signal`: how much larger that difference is when the painting gets a little noise before it is
          translated back, as a fraction. Large where the photo is hidden in details that nobody sees.
        - `checkerboard`: strength of a checkerboard; about 1 is none.
    """
    painted = np.stack([to_painting(photo) for photo in photos.images])
    back = np.stack([to_photo(image) for image in painted])
    pairs = Pairs.all(photos, paintings)
    features = _describe(networks.describe, photos, paintings, painted, settings.seed)
    terms = _ratios(features)
    each = _per_photo(photos, painted, back, to_photo, networks.content, settings)
    rows = np.arange(len(photos.ids))  # the pairs of every photo with the first painting
    return Evaluation(
        metrics=_metrics(terms, each, features, pairs, rows, settings),
        items={"kernel_ratio": terms["kernel_ratio"], **each},
        item_ids=pairs.ids,
        pictures={"sheet.png": report.photos_and_paintings(photos, painted, back, paintings, settings.sheet_photos)},
        tables={"photos.json": _table(photos, each)},
        units=pairs.units,
        subset_ids=dict.fromkeys(each, pairs.ids[rows]),
    )


def _describe(
    describe: Describe, photos: ImageSet, paintings: ImageSet, painted: NDArray[np.uint8], seed: int
) -> _Features:
    chosen = np.random.default_rng(seed).integers(0, len(paintings.ids), len(photos.ids))
    pairs = zip(photos.images, paintings.images[chosen], strict=True)
    matched = np.stack([match_colors(photo, painting) for photo, painting in pairs])
    sets = (photos.images, painted, matched, paintings.images)
    return _Features(*(describe(images).astype(np.float64) for images in sets))


def _ratios(features: _Features) -> dict[str, Floats]:
    """Metric → (pairs,) terms in the order of `Pairs.all`, whose mean is the ratio of two kernel distances."""
    untouched = distance_terms(features.photos, features.paintings)
    return {
        name: ratio_terms(distance_terms(images, features.paintings), untouched).T.ravel()
        for name, images in (("kernel_ratio", features.painted), ("color_match_ratio", features.color_matched))
    }


def _per_photo(
    photos: ImageSet,
    painted: NDArray[np.uint8],
    back: NDArray[np.uint8],
    to_photo: Translate,
    content: ContentStyleDistance,
    settings: EvaluationSettings,
) -> dict[str, Floats]:
    """Metric → (photos,)."""
    trios = list(zip(painted, photos.images, back, strict=True))
    brightness = np.array([measures.brightness_agreement(image, photo) for image, photo, _ in trios])
    cycle = np.array([measures.absolute_difference(photo, again) for _, photo, again in trios])
    noisy = [to_photo(measures.with_noise(image, settings.noise, settings.seed)) for image in painted]
    disturbed = [measures.absolute_difference(photo, again) for photo, again in zip(photos.images, noisy, strict=True)]
    return {
        "content": content(painted, photos.images, photos.images).content,
        "edge_agreement": np.array([measures.edge_agreement(image, photo) for image, photo, _ in trios]),
        "brightness_agreement": brightness,
        "inverted": (brightness < 0).astype(np.float64),
        "cycle": cycle / 255,
        "hidden_signal": np.array(disturbed) / np.maximum(cycle, 1e-6) - 1,
        "checkerboard": np.array([checkerboard_strength(image) for image in painted]),
    }


def _metrics(
    terms: Mapping[str, Floats],
    each: Mapping[str, Floats],
    features: _Features,
    pairs: Pairs,
    rows: NDArray[np.intp],
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    resampling = settings.resamples, settings.seed
    of_photos = {"photos": pairs.units["photos"][rows]}
    return {
        **{name: mean_over_units(values, pairs.units, *resampling) for name, values in terms.items()},
        "paintings_ratio": _between_halves(features, settings),
        **{name: mean_over_units(values, of_photos, *resampling) for name, values in each.items()},
        "diversity": _diversity(features, settings),
    }


def _between_halves(features: _Features, settings: EvaluationSettings) -> Metric:
    """Kernel distance of two halves of the paintings, as a ratio to that of the photos."""
    below = distance_terms(features.photos, features.paintings).mean()
    first, second = features.paintings[::2], features.paintings[1::2]
    terms = distance_terms(first, second) / below
    units = {
        "first": np.repeat(np.arange(len(first), dtype=np.uint64), len(second)),
        "second": np.tile(np.arange(len(second), dtype=np.uint64), len(first)),
    }
    return mean_over_units(terms.ravel(), units, settings.resamples, settings.seed)


def _diversity(features: _Features, settings: EvaluationSettings) -> Metric:
    painted, photos = pair_distances(features.painted), pair_distances(features.photos)

    def statistic(weights: Weights) -> Floats:
        above, below = (np.einsum("ki,ij,kj->k", weights, each, weights) for each in (painted, photos))
        # Undefined for a resample that is one photo, drawn n times.
        ratios: Floats = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
        return ratios

    return bootstrap(statistic, len(photos), settings.resamples, settings.seed)


def _table(photos: ImageSet, each: Mapping[str, Floats]) -> list[dict[str, object]]:
    """One row per photo: its id and its values."""
    return [
        {"photo": hexadecimal(item), **{name: round(float(values[row]), 6) for name, values in each.items()}}
        for row, item in enumerate(photos.ids)
    ]
