"""The learning rate over a run."""

import math


class WarmupCosine:
    """Step → factor of the learning rate: a linear rise, then half a cosine down (Loshchilov & Hutter, 2016).

    For `torch.optim.lr_scheduler.LambdaLR`. PyTorch's own `CosineAnnealingLR` takes the final learning rate as one
    absolute number for all parameter groups; here it is a fraction of each group's.

    Parameters
    ----------
    total
        Steps of the whole run.
    warmup_steps
        Steps of the rise.
    final
        The factor at the end.
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
