"""The learning rate schedule."""

import math


class WarmupCosine:
    """Step → factor of the learning rate: a linear warmup, then a cosine decay (Loshchilov & Hutter, 2016).

    For `torch.optim.lr_scheduler.LambdaLR`. PyTorch's own `CosineAnnealingLR` has one final learning rate for all
    parameter groups. Here, the final learning rate of each group is a fraction of its peak.

    Parameters
    ----------
    total
        Number of steps of the training.
    warmup_steps
        Number of steps of the warmup.
    final
        Factor at the end.
    """

    def __init__(self, total: int, warmup_steps: int, final: float = 0.0) -> None:
        self.total = total
        self.warmup_steps = max(1, warmup_steps)
        self.final = final

    def __call__(self, step: int) -> float:
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        progress = (step - self.warmup_steps) / max(1, self.total - self.warmup_steps)
        return self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
