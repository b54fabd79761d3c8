"""Muon for networks of convolutions."""

import math
from typing import Any

import keras
from keras import ops

ADAM_SHARE = 0.1
"""Adam's learning rate, as a share of Muon's."""


class Muon(keras.optimizers.Muon):
    """Muon (Jordan et al. 2024) on the kernels of convolutions, Adam on everything else.

    A step along a kernel, seen as a matrix (height · width · channels in, channels out), is made orthogonal, so that no
    few directions outweigh the rest; Keras' own class knows matrices alone. What counts here: it takes the style
    families fewer steps than Adam to the same losses.

    Parameters
    ----------
    learning_rate
        Of the kernels; a step changes a weight by a fifth of it, root mean square (Liu et al. 2025, arXiv:2502.16982,
        section 2.2). Adam's is `ADAM_SHARE` of it.
    clip_norm
        Longest gradient, over all weights together.
    output
        Name of the layer that makes the result: Adam's, too.
    """

    def __init__(self, learning_rate: Any, clip_norm: float, output: str) -> None:
        super().__init__(
            learning_rate,
            adam_lr_ratio=ADAM_SHARE,
            weight_decay=None,
            adam_weight_decay=None,
            global_clipnorm=clip_norm,
            exclude_layers=[output],
        )

    def _should_use_adamw(self, variable: Any) -> bool:
        return len(variable.shape) != 4 or any(name in variable.path for name in self.exclude_layers)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Of a kernel, by way of its matrix."""
        flat = super().zeropower_via_newtonschulz5(ops.reshape(x, (-1, x.shape[-1])), steps)
        return ops.reshape(flat, x.shape)

    def lr_adjust(self, x: Any) -> Any:
        """Scale an orthogonal step so that its root mean square does not depend on the kernel's shape."""
        return x * (self.rms_rate * math.sqrt(max(math.prod(x.shape[:-1]), x.shape[-1])))
