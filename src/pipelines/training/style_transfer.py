"""Parameters of a training run, losses and the content constraint that the style transfer families share.

The balance of content and style is set as a target for the content distance, not as a weight. The weight that leads to
this distance depends on the network, the data and the number of steps. It is therefore adapted during training, like
the multiplier of a constraint (Platt & Barr 1988, "Constrained differential optimization"). The updates are
multiplicative, so that the weight stays positive.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.pretrained.perceptual.layers import Architecture
from atelier.settings import Settings

MIN_FACTOR, MAX_FACTOR = 0.25, 4.0
"""Range of the factor on the content weight. Without it, a target that cannot be reached would outweigh the other
losses."""
BORDER = 16
"""Pixels of reflection padding around an image before its features are extracted, a multiple of the coarsest stride.
The zero padding of the perceptual network would otherwise act as a dark border, which would appear in the output."""
MAX_SHIFT = 4
"""Largest random shift of an image before its loss is computed, in pixels in each direction. Twice this shift is the
coarsest stride of the loss network. The strides of the loss network would otherwise reward grid artifacts."""

Fraction = Annotated[float, Field(ge=0, lt=1)]


class LossWeights(Settings):
    """Loss name → weight in the sum that is minimized."""

    content: PositiveFloat
    style: PositiveFloat
    variation: NonNegativeFloat


class ContentConstraint(Settings):
    """Keeps the content distance of training photos at a target, by a factor on the weight of the content loss."""

    distance: PositiveFloat
    """Target for the content distance of training photos. Test photos are not cropped, and theirs is 0.05 to 0.1
    smaller."""
    start_epoch: NonNegativeInt
    """Number of epochs with a factor of 1 before the constraint starts, in which the network learns brush strokes."""
    rate: PositiveFloat
    """Relative growth of the factor in one step per unit of distance above the target."""

    def update(self, factor: float, content: float) -> float:
        """The factor after a step with this content distance. Unchanged when the distance is NaN or infinite."""
        if not math.isfinite(content):
            return factor
        return min(max(factor * math.exp(self.rate * (content - self.distance)), MIN_FACTOR), MAX_FACTOR)


class CropSettings(Settings):
    """Random augmentation of each training image, see `atelier.data.prepared.sampling`."""

    min_crop: Annotated[float, Field(gt=0, le=1)]
    """Side of the smallest random crop, as a fraction of the image's shorter side. Crops are squares."""
    flip: Annotated[float, Field(ge=0, le=1)]
    """Probability of mirroring left to right."""


class StyleTrainingSettings(Settings):
    """One training run of a style transfer family."""

    seed: NonNegativeInt
    """Seed of the initial weights, the order of the items and the augmentation."""
    epochs: PositiveInt
    epoch_items: PositiveInt
    """Number of photos in an epoch. Each epoch ends with validation and a checkpoint."""
    batch_size: PositiveInt
    size: Annotated[int, Field(ge=32)]
    """Side of the training images, in pixels."""
    learning_rate: PositiveFloat
    """Muon's peak learning rate, after a linear warmup and before a cosine decay; see `on_tensorflow.muon`,
    `on_torch.muon`."""
    warmup_steps: PositiveInt
    """Number of steps of the linear warmup."""
    final_learning_rate_fraction: Fraction
    """The learning rate at the end, as a fraction of the peak."""
    clip_norm: PositiveFloat
    """Largest norm of the gradient of all weights together. A larger gradient is scaled down to it."""
    losses: LossWeights
    content_constraint: ContentConstraint | None
    """None: the weight of the content loss is constant."""
    augmentation: CropSettings
    val_items: PositiveInt
    """Number of validation photos, the same in every epoch."""
    sheet_every: PositiveInt
    """Interval between two sheets of validation images in MLflow, in epochs. The last epoch always has a sheet."""

    @property
    def steps(self) -> int:
        """Number of steps in an epoch."""
        return max(1, self.epoch_items // self.batch_size)


class TensorOps(Protocol):
    """The tensor functions that the losses need; see `on_torch.tensor_ops` and `on_tensorflow.tensor_ops`."""

    @property
    def height_axis(self) -> int:
        """1 for images (n, h, w, c), 2 for (n, c, h, w). The axis of the width is the next one."""

    def gram(self, features: Any) -> Any: ...

    def relative_distance(self, actual: Any, reference: Any) -> Any: ...

    def mean(self, values: Any) -> Any:
        """Mean of all elements."""

    def stack(self, values: Sequence[Any]) -> Any: ...


def style_losses(
    image: Any,
    features: Mapping[str, Any],
    photo: Mapping[str, Any],
    style_grams: Mapping[str, Any],
    architecture: Architecture,
    ops: TensorOps,
) -> dict[str, Any]:
    """Named losses of one batch, each a scalar: the mean over the images.

    `content` and `style` are the distances of the evaluation (`atelier.evaluation.stylization.metrics`). They follow
    Gatys et al. 2016, section 2, but are relative, so that no layer dominates by its scale. `variation` is the mean
    absolute difference of neighboring pixels, 0 to 1 (anisotropic total variation, Johnson et al. 2016, section 3.2).

    Parameters
    ----------
    image
        Stylized photos, RGB from 0 to 255, in the framework's layout.
    features, photo
        Features of the stylized images and of the original photos: layer → tensor.
    style_grams
        Gram matrices of the paintings: style layer → (n, channels, channels).
    architecture
        Names the layers of content and style.
    ops
        The tensor functions of the framework.
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
