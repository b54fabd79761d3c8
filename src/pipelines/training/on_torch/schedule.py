"""The learning rate over a run."""

import math


class WarmupCosine:
    """Step → factor of the learning rate: a linear rise, then half a cosine down (Loshchilov & Hutter, 2016).

    Parameters
    ----------
    total
        Steps of the whole run.
    warmup
        Part of the run spent on the rise, 0 to 1.
    last
        The factor at the end.
    """

    def __init__(self, total: int, warmup: float, last: float = 0.0) -> None:
        self.total = total
        self.rise = max(1, int(warmup * total))
        self.last = last

    def __call__(self, step: int) -> float:
        if step < self.rise:
            return (step + 1) / self.rise
        progress = (step - self.rise) / max(1, self.total - self.rise)
        return self.last + (1 - self.last) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
