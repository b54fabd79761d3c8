"""Settings of fetching and preparing for tests: complete, with some values changed by keyword."""

from typing import Any

from atelier.data.ingest.decode import Checks
from pipelines.fetch.coco import CocoFetch
from pipelines.fetch.faces import FacesFetch
from pipelines.fetch.images import ImagesFetch
from pipelines.fetch.perceptual import PerceptualFetch
from pipelines.fetch.photos import PhotosFetch
from pipelines.fetch.quickdraw import QuickdrawFetch
from pipelines.prepare.faces import FacesPrepare
from pipelines.prepare.images import ImagesPrepare
from pipelines.prepare.photos import PhotosPrepare
from pipelines.prepare.quickdraw import QuickdrawPrepare

_SOURCE: dict[str, Any] = {"source": "sample", "mirror": None}
_IMAGES: dict[str, Any] = _SOURCE | {"folder": None, "items": None, "licence": None, "side": 192, "seed": 0}
_CROPS: dict[str, Any] = {
    "part": "train2017",
    "photos": None,
    "categories": None,
    "min_count": 1,
    "min_side": 16,
    "margin": 0.0,
}
_QUICKDRAW: dict[str, Any] = _SOURCE | {
    "format": "simplified",
    "categories": "all",
    "items_per_category": None,
    "seed": 0,
}
_CHECKS: dict[str, Any] = {"min_side": 64, "max_pixels": 50_000_000, "max_bytes": 64 << 20, "max_blank": 0.99}
_FRACTIONS = {"val": 0.1, "test": 0.1}


def images_fetch(**changes: Any) -> ImagesFetch:
    return ImagesFetch(**(_IMAGES | changes))


def coco_fetch(**changes: Any) -> CocoFetch:
    return CocoFetch(**(_IMAGES | {"part": "train2017"} | changes))


def faces_fetch(**changes: Any) -> FacesFetch:
    return FacesFetch(**(_IMAGES | {"kaggle": None, "intended_use": None, "side": 64} | changes))


def photos_fetch(**changes: Any) -> PhotosFetch:
    crops = _CROPS | changes.pop("crops", {})
    return PhotosFetch(**(_IMAGES | {"collection": "bricks", "crops": crops} | changes))


def quickdraw_fetch(**changes: Any) -> QuickdrawFetch:
    return QuickdrawFetch(**(_QUICKDRAW | changes))


def perceptual_fetch(**changes: Any) -> PerceptualFetch:
    return PerceptualFetch(**(_SOURCE | {"network": "random", "seed": 0} | changes))


def checks(**changes: Any) -> Checks:
    return Checks(**(_CHECKS | changes))


def images_prepare(**changes: Any) -> ImagesPrepare:
    defaults = {"size": 256, "checks": _CHECKS, "near_duplicate_bits": 40, "fractions": _FRACTIONS}
    return ImagesPrepare(**(defaults | {"max_bad_fraction": 0.05, "workers": None} | changes))


def photos_prepare(**changes: Any) -> PhotosPrepare:
    """Small, with large fractions for validation and test, so that a few dozen photos fill all splits."""
    defaults = {"size": 32, "workers": 1, "fractions": {"val": 0.25, "test": 0.25}, "label": None}
    defaults |= {"group": None, "fit": "crop"}
    return PhotosPrepare(**(images_prepare().model_dump() | defaults | changes))


def faces_prepare(**changes: Any) -> FacesPrepare:
    """Aligned already; small, with large fractions for validation and test."""
    face = {"alignment": "center", "eye_height": 0.3, "eye_distance": 0.42}
    scores = {"min_score": 0.5, "min_aligned_score": 0.6, "max_shift": 0.12}
    defaults = {"face": face | scores, "names": None, "tolerances": {"age": 2.0, "gender": 0.0}, "size": 32}
    small = {"workers": 1, "near_duplicate_bits": 20, "fractions": {"val": 0.25, "test": 0.25}}
    return FacesPrepare(**(images_prepare().model_dump() | defaults | small | changes))


def quickdraw_prepare(**changes: Any) -> QuickdrawPrepare:
    defaults = {"bitmap": {}, "fractions": _FRACTIONS, "max_bad_fraction": 0.02, "recognized_only": False}
    return QuickdrawPrepare(**(defaults | changes))
