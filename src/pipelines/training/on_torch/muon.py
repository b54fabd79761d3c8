"""Muon for networks of convolutions."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

ADAM_SHARE = 0.1
"""Adam's learning rate, as a share of Muon's."""
BETAS = (0.9, 0.99)
"""Adam's."""
MOMENTUM = 0.95
QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of an iteration that takes singular values to about 1 in five steps (Jordan et al. 2024)."""
STEPS = 5
RMS = 0.2
"""Root mean square of a step at learning rate 1, as Adam's usually is (Liu et al. 2025, arXiv:2502.16982, 2.2)."""


class Muon(torch.optim.Adam):
    """Muon (Jordan et al. 2024) on the kernels of convolutions, Adam on everything else.

    A step along a kernel, seen as a matrix (channels out, channels in · height · width), is made orthogonal, so that no
    few directions outweigh the rest; PyTorch's own class knows matrices alone. What counts here: it takes the style
    families fewer steps than Adam to the same losses.

    Parameters
    ----------
    network
        Whose parameters are trained.
    output
        The layer that makes the result: Adam's, too.
    learning_rate
        Of the kernels; Adam's is `ADAM_SHARE` of it.
    """

    def __init__(self, network: nn.Module, output: nn.Module, learning_rate: float) -> None:
        last = set(output.parameters())
        kernels = [each for each in network.parameters() if each.ndim == 4 and each not in last]
        others = [each for each in network.parameters() if each.ndim != 4 or each in last]
        groups = [{"params": kernels, "lr": learning_rate, "orthogonal": True}, {"params": others, "orthogonal": False}]
        super().__init__(groups, lr=ADAM_SHARE * learning_rate, betas=BETAS)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            if group["orthogonal"]:
                for kernel in group["params"]:
                    self._turn(kernel, group["lr"])
        super().step()
        return loss

    def _turn(self, kernel: Tensor, rate: float) -> None:
        """One step of a kernel; Adam then finds no gradient there."""
        if kernel.grad is None:
            return
        state = self.state[kernel]
        if not state:
            state["step"] = torch.zeros(())  # Adam, when it is restored, wants one of each parameter
            state["momentum"] = torch.zeros_like(kernel)
        momentum = state["momentum"].mul_(MOMENTUM).add_(kernel.grad)
        step = orthogonal((kernel.grad + MOMENTUM * momentum).flatten(1))
        kernel.add_(step.reshape(kernel.shape), alpha=-rate * RMS * math.sqrt(max(step.shape)))
        kernel.grad = None


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix with all its singular values brought near to 1, by Newton and Schulz's iteration: (m, n) → (m, n)."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / (matrix.norm() + 1e-7)
    for _ in range(STEPS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    turned: Tensor = x.T if tall else x
    return turned
