"""Fetch the image folders that the project knows: landscape photos and Van Gogh's paintings."""

from pathlib import Path

from atelier.data.samples import landscapes, paintings
from pipelines.fetch import images
from pipelines.fetch.images import ImagesFetch

LANDSCAPES = images.ImageSource(
    name="landscapes",
    licence="as stated at https://www.kaggle.com/datasets/arnaud58/landscape-pictures (photos from Flickr)",
    kaggle="arnaud58/landscape-pictures",
    paint=landscapes.paint,
)
VAN_GOGH = images.ImageSource(
    name="van_gogh",
    licence="paintings: public domain (Vincent van Gogh, died 1890); photographs of them as stated at "
    "https://www.kaggle.com/datasets/ipythonx/van-gogh-paintings",
    kaggle="ipythonx/van-gogh-paintings",
    paint=paintings.paint,
)


def fetch_landscapes(folder: Path, settings: ImagesFetch) -> Path:
    """Fill the raw folder with archives of landscape photos; see `images.fetch`."""
    return images.fetch(folder, settings, LANDSCAPES)


def fetch_van_gogh(folder: Path, settings: ImagesFetch) -> Path:
    """Fill the raw folder with archives of paintings; see `images.fetch`."""
    return images.fetch(folder, settings, VAN_GOGH)
