"""Networks that turn images into images, as other people export them: one from plain PyTorch, one from plain Keras."""

import warnings
from pathlib import Path


def export_torch_translator(
    path: Path, shift: float = 0.1, size: int | None = None, batch: int = 1, limited: bool = True
) -> Path:
    """A PyTorch model: NCHW, values -1 to 1, a fixed batch, height and width in multiples of 4.

    Parameters
    ----------
    shift
        Added to each value. Only an image in the right range comes back nearly as it was.
    size
        A fixed side in pixels; None: height and width are dynamic.
    limited
        Whether values are limited to -1 to 1.
    """
    import torch
    from torch import nn

    class Generator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.down = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU())
            self.up = nn.Sequential(nn.ConvTranspose2d(8, 8, 4, 2, 1), nn.ConvTranspose2d(8, 3, 4, 2, 1))

        def forward(self, photo: torch.Tensor) -> torch.Tensor:
            picture = photo + 0.1 * self.up(self.down(photo)) + shift
            return torch.clamp(picture, -1, 1) if limited else picture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Generator().eval(),
            (torch.zeros(batch, 3, size or 64, size or 64),),
            path,
            input_names=["photo"],
            output_names=["painting"],
            dynamic_axes=None if size else {name: {2: "height", 3: "width"} for name in ("photo", "painting")},
            dynamo=False,
        )
    return path


def save_keras_translator(path: Path) -> Path:
    """A Keras model: NHWC, values 0 to 1, images of any size."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3), name="photo")
    strokes = layers.Conv2D(3, 3, padding="same", activation="tanh")(layers.Conv2D(8, 3, padding="same")(image))
    picture = layers.ReLU(max_value=1.0)(layers.Add()([image, layers.Rescaling(0.1)(strokes)]))
    keras.Model(image, picture).save(path)
    return path
