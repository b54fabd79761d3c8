"""The Muon optimizer for convolutional networks."""

import math
from typing import Any

import keras
from keras import ops

ADAM_SHARE = 0.1
"""Learning rate of Adam as a fraction of that of Muon."""


class Muon(keras.optimizers.Muon):
    """Muon (Jordan et al. 2024) for the kernels of convolutions, Adam for all other weights.

    The update of a kernel, reshaped to a matrix (height · width · channels in, channels out), is orthogonalized, so
    that all directions are updated equally. Keras' own class supports matrices only. The style transfer families reach
    the same losses in fewer steps than with Adam.

    Parameters
    ----------
    learning_rate
        Learning rate or schedule of the kernels. The root mean square of an update is a fifth of it (Liu et al. 2025,
        arXiv:2502.16982, section 2.2). Adam uses `ADAM_SHARE` of it.
    clip_norm
        Largest norm of the gradient of all weights together.
    output
        Name of the output layer, which is trained with Adam, too.
    loss_scale_factor
        Factor on the loss before differentiation, for float16; see `keras.optimizers.Optimizer.scale_loss`.
    """

    def __init__(
        self, learning_rate: Any, clip_norm: float, output: str, loss_scale_factor: float | None = None
    ) -> None:
        super().__init__(
            learning_rate,
            adam_lr_ratio=ADAM_SHARE,
            weight_decay=None,
            adam_weight_decay=None,
            global_clipnorm=clip_norm,
            exclude_layers=[output],
            loss_scale_factor=loss_scale_factor,
        )

    def _should_use_adamw(self, variable: Any) -> bool:
        return len(variable.shape) != 4 or any(name in variable.path for name in self.exclude_layers)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Orthogonalize the update of a kernel, reshaped to a matrix."""
        matrix = super().zeropower_via_newtonschulz5(ops.reshape(x, (-1, x.shape[-1])), steps)
        return ops.reshape(matrix, x.shape)

    def lr_adjust(self, x: Any) -> Any:
        """Scale an orthogonalized update so that its root mean square does not depend on the shape of the kernel."""
        return x * (self.rms_rate * math.sqrt(max(math.prod(x.shape[:-1]), x.shape[-1])))
