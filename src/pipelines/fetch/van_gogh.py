"""Van Gogh's paintings: paintings made here, those of a mirror, or those on Kaggle."""

from pathlib import Path

from atelier.data.samples import paintings
from pipelines.fetch import images
from pipelines.fetch.images_settings import ImagesFetch

VAN_GOGH = images.ImageSet(
    name="van_gogh",
    licence="paintings: public domain (Vincent van Gogh, died 1890); photographs of them as stated at "
    "https://www.kaggle.com/datasets/ipythonx/van-gogh-paintings",
    kaggle="ipythonx/van-gogh-paintings",
    paint=paintings.paint,
)


def fetch(folder: Path, settings: ImagesFetch) -> Path:
    """Fill the raw folder with archives of paintings; see `images.fetch`."""
    return images.fetch(folder, settings, VAN_GOGH)
