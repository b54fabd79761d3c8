"""What the style transfer families share: parameters of a training run, losses, and the content constraint.

How much style a photo takes is set as a content distance, not as a weight: which weight leads to it depends on the
network, the data and the number of steps. So the weight follows the loss, as the multiplier of a constraint does (Platt
& Barr 1988, "Constrained differential optimization"), here multiplicatively, so that it stays positive.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.pretrained.perceptual.layers import Architecture
from atelier.settings import Settings

MIN_FACTOR, MAX_FACTOR = 0.25, 4.0
"""Range of the content weight's factor: a distance that cannot be reached must not outweigh the other losses."""
BORDER = 16
"""Pixels mirrored around an image before a network reads its features, a multiple of the coarsest stride: a perceptual
network that pads with zeros would see a dark border, and it would be painted."""
MAX_SHIFT = 4
"""Largest random shift of an image before the loss network sees it, in pixels; both directions together are its
coarsest stride. Without it, the loss network, which samples every second pixel, rewards grid artifacts."""

Fraction = Annotated[float, Field(ge=0, lt=1)]


class LossWeights(Settings):
    """Loss name → weight in the sum that is minimized."""

    content: PositiveFloat
    style: PositiveFloat
    variation: NonNegativeFloat


class ContentConstraint(Settings):
    """Holds the content distance of training photos at a value, by a factor on the weight of the content loss."""

    distance: PositiveFloat
    """Content distance of the training photos. That of test photos, which are seen whole, is 0.05 to 0.1 less."""
    start_epoch: NonNegativeInt
    """Finished epochs before the constraint starts: with the given weights alone, strokes are learned first."""
    rate: PositiveFloat
    """Relative growth of the factor in one step per unit of distance above the target."""

    def update(self, factor: float, content: float) -> float:
        """The factor after a step with this content distance; unchanged when the distance is not finite."""
        if not math.isfinite(content):
            return factor
        return min(max(factor * math.exp(self.rate * (content - self.distance)), MIN_FACTOR), MAX_FACTOR)


class CropSettings(Settings):
    """The random change of each training image, see `atelier.data.prepared.sampling`."""

    min_crop: Annotated[float, Field(gt=0, le=1)]
    """Side of the smallest square that is cut out, as a fraction of the image's shorter side."""
    flip: Annotated[float, Field(ge=0, le=1)]
    """Probability of mirroring left to right."""


class StyleTrainingSettings(Settings):
    """One training run of a style transfer family."""

    seed: NonNegativeInt
    """Fixes initial weights, order of the items and augmentation."""
    epochs: PositiveInt
    epoch_items: PositiveInt
    """Photos from one checkpoint and validation to the next."""
    batch_size: PositiveInt
    size: Annotated[int, Field(ge=32)]
    """Side of the training images, in pixels."""
    learning_rate: PositiveFloat
    """Peak of the schedule (a linear rise, then half a cosine), of Muon; see `on_tensorflow.muon`, `on_torch.muon`."""
    warmup_steps: PositiveInt
    """Steps of the linear rise."""
    final_learning_rate_fraction: Fraction
    """The learning rate at the end, as a fraction of the peak."""
    clip_norm: PositiveFloat
    """Largest norm of the gradient over all weights; a longer gradient is scaled down to it."""
    losses: LossWeights
    content_constraint: ContentConstraint | None
    """None: the weights of the losses stay as they are."""
    augmentation: CropSettings
    val_items: PositiveInt
    """Validation photos, always the same."""
    sheet_every: PositiveInt
    """Epochs from one sheet of validation images in MLflow to the next; the last epoch has one, too."""

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return max(1, self.epoch_items // self.batch_size)


class TensorOps(Protocol):
    """The tensor functions that the losses need; see `on_torch.tensor_ops` and `on_tensorflow.tensor_ops`."""

    @property
    def height_axis(self) -> int:
        """1 for images (n, h, w, c), 2 for (n, c, h, w); the width's axis is the next one."""

    def gram(self, features: Any) -> Any: ...

    def relative_distance(self, these: Any, those: Any) -> Any: ...

    def mean(self, values: Any) -> Any:
        """Of all elements."""

    def stack(self, values: Sequence[Any]) -> Any: ...


def style_losses(
    image: Any,
    features: Mapping[str, Any],
    photo: Mapping[str, Any],
    style_grams: Mapping[str, Any],
    architecture: Architecture,
    ops: TensorOps,
) -> dict[str, Any]:
    """Named losses of one batch, each a scalar, the mean over the images.

    `content` and `style` are the distances that the families are evaluated by (`evaluation.stylization.metrics`, after
    Gatys et al. 2016, section 2, but relative, so that no layer outweighs the others by its scale). `variation` is the
    mean absolute difference of neighboring pixels, 0 to 1 (anisotropic total variation, Johnson et al. 2016, 3.2).

    Parameters
    ----------
    image
        Stylized photos, RGB from 0 to 255, in the framework's layout.
    features, photo
        Features of the stylized images and of the photos they were made from: layer → tensor.
    style_grams
        Gram matrices of the paintings: style layer → (n, channels, channels).
    """
    style = [
        ops.relative_distance(ops.gram(features[layer]), style_grams[layer]) for layer in architecture.style_layers
    ]
    content = ops.relative_distance(features[architecture.content_layer], photo[architecture.content_layer])
    return {
        "content": ops.mean(content),
        "style": ops.mean(ops.stack(style)),
        "variation": _variation(image, ops),
    }


def _variation(image: Any, ops: TensorOps) -> Any:
    before = (slice(None),) * ops.height_axis
    every, following, preceding = slice(None), slice(1, None), slice(None, -1)
    down = ops.mean(abs(image[(*before, following)] - image[(*before, preceding)]))
    across = ops.mean(abs(image[(*before, every, following)] - image[(*before, every, preceding)]))
    return (down + across) / (2 * 255)
