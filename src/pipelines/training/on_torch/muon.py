"""The Muon optimizer for convolutional networks."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

ADAM_SHARE = 0.1
"""Learning rate of Adam as a fraction of that of Muon."""
ADAM_BETAS = (0.9, 0.99)
MOMENTUM = 0.95
"""Momentum of Muon."""
NEWTON_SCHULZ_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Coefficients of an iteration that moves all singular values to about 1 in five steps (Jordan et al. 2024)."""
NEWTON_SCHULZ_STEPS = 5
RMS = 0.2
"""Root mean square of an update at learning rate 1, like that of Adam (Liu et al. 2025, arXiv:2502.16982, section
2.2)."""


class Muon(torch.optim.Adam):
    """Muon (Jordan et al. 2024) for the kernels of convolutions, Adam for all other weights.

    The update of a kernel, reshaped to a matrix (channels out, channels in · height · width), is orthogonalized, so
    that all directions are updated equally. PyTorch's own class supports matrices only. The style transfer families
    reach the same losses in fewer steps than with Adam.

    Parameters
    ----------
    network
        Its parameters are trained.
    output
        The output layer, which is trained with Adam, too.
    learning_rate
        Learning rate of the kernels. Adam uses `ADAM_SHARE` of it.
    """

    def __init__(self, network: nn.Module, output: nn.Module, learning_rate: float) -> None:
        excluded = set(output.parameters())
        kernels = [weight for weight in network.parameters() if weight.ndim == 4 and weight not in excluded]
        others = [weight for weight in network.parameters() if weight.ndim != 4 or weight in excluded]
        groups = [{"params": kernels, "lr": learning_rate, "muon": True}, {"params": others, "muon": False}]
        super().__init__(groups, lr=ADAM_SHARE * learning_rate, betas=ADAM_BETAS)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            if group["muon"]:
                for kernel in group["params"]:
                    self._update_kernel(kernel, group["lr"])
        super().step()
        return loss

    def _update_kernel(self, kernel: Tensor, learning_rate: float) -> None:
        """Update a kernel with Muon and remove its gradient, so that Adam skips it."""
        if kernel.grad is None:
            return
        state = self.state[kernel]
        if not state:
            state["step"] = torch.zeros(())  # Adam needs it for each parameter when its state is restored
            state["momentum"] = torch.zeros_like(kernel)
        momentum = state["momentum"].mul_(MOMENTUM).add_(kernel.grad)
        update = orthogonalize((kernel.grad + MOMENTUM * momentum).flatten(1))
        kernel.add_(update.reshape(kernel.shape), alpha=-learning_rate * RMS * math.sqrt(max(update.shape)))
        kernel.grad = None


def orthogonalize(matrix: Tensor) -> Tensor:
    """Move all singular values of a matrix to about 1 by Newton-Schulz iteration: (m, n) → (m, n)."""
    a, b, c = NEWTON_SCHULZ_COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / (matrix.norm() + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    result: Tensor = x.T if tall else x
    return result
