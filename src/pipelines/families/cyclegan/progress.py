"""Progress of training: validation photos translated to paintings and back."""

import keras
import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.grids import image_grid
from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.evaluation.translation.kernel_distance import distance_terms
from atelier.preprocessing.images import center_crop
from atelier.pretrained.backbones.extractor import BackboneExtractor
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.cyclegan.settings import CycleGanInputs, TrainingSettings
from pipelines.families.cyclegan.step import Networks

SHEET_PHOTOS = 8
"""Largest number of photos in the sheet."""
CELL = 160
"""Side of an image in the sheet, in pixels."""
BATCH = 4
"""Number of images that are translated at a time."""
MAX_PAINTINGS = 64
"""Largest number of training paintings that the translated photos are compared with."""


class Progress:
    """The same validation photos after each epoch, translated by the moving averages of the generators.

    Parameters
    ----------
    inputs
        Validation photos, training paintings, and the network in whose features they are compared. The paintings are
        not those of the evaluation.
    settings
        Number and size of the photos.
    """

    def __init__(self, inputs: CycleGanInputs, settings: TrainingSettings) -> None:
        photos = inputs.landscapes.split("val")["image"][: settings.val_items]
        paintings = inputs.van_gogh.split("train")["image"][:MAX_PAINTINGS]
        self._photos = _resized(photos, settings.val_size)
        self._describe = BackboneExtractor(inputs.backbone)
        self._paintings = self._describe(_resized(paintings, settings.val_size))
        self._untouched = self._distance(self._photos)
        architecture = inputs.perceptual.architecture
        self._content = ContentStyleDistance(architecture, Extractor(inputs.perceptual))
        self._images: list[NDArray[np.uint8]] = []

    def measure(self, networks: Networks) -> dict[str, float]:
        """Metrics of the translated validation photos; NaN when a pixel is NaN or infinite.

        - `val_distance`: kernel distance to the paintings, as a ratio to that of the photos, as in the evaluation.
        - `val_content`: content distance from the photos, as in the evaluation.
        - `val_cycle`: mean absolute difference of a photo and the photo after translation and back, in units of 255.
        """
        unrounded = _translate(networks.to_painting_average, self._photos.astype(np.float32))
        returned = _translate(networks.to_photo_average, unrounded)
        if not (np.isfinite(unrounded).all() and np.isfinite(returned).all()):
            return dict.fromkeys(("val_distance", "val_content", "val_cycle"), np.nan)
        painted, back = _to_gray_levels(unrounded), _to_gray_levels(returned)
        self._images = [*self._photos[:SHEET_PHOTOS], *painted[:SHEET_PHOTOS], *back[:SHEET_PHOTOS]]
        return {
            "val_distance": self._distance(painted) / self._untouched,
            "val_content": float(self._content(painted, self._photos, self._photos).content.mean()),
            "val_cycle": float(np.abs(back - self._photos.astype(np.float64)).mean() / 255),
        }

    def sheet(self, epoch: int) -> bytes:
        """The images of the last `measure`, as a PNG file: photos in the first row, then paintings, then photos."""
        return image_grid(
            self._images,
            columns=len(self._images) // 3,
            cell=CELL,
            row_headers=["photo", "painted", "and back"],
            title=f"Epoch {epoch}: validation photos",
        )

    def _distance(self, images: NDArray[np.uint8]) -> float:
        return float(distance_terms(self._describe(images), self._paintings).mean())


def _translate(network: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([np.asarray(network(batch, training=False)) for batch in batches])


def _resized(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.stack([center_crop(image, size) for image in images])


def _to_gray_levels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(images, 0, 255)).astype(np.uint8)
