"""Landscape photos: painted here, from a mirror, or from Kaggle."""

from pathlib import Path

from atelier.data.samples import landscapes
from pipelines.fetch import images
from pipelines.fetch.images_settings import ImagesFetch

LANDSCAPES = images.ImageSet(
    name="landscapes",
    licence="as stated at https://www.kaggle.com/datasets/arnaud58/landscape-pictures (photos from Flickr)",
    kaggle="arnaud58/landscape-pictures",
    paint=landscapes.paint,
)


def fetch(folder: Path, settings: ImagesFetch) -> Path:
    """Fill the raw folder with archives of landscape photos; see `images.fetch`."""
    return images.fetch(folder, settings, LANDSCAPES)
