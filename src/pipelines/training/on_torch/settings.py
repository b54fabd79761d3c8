"""Parameters that families in PyTorch share. Light: reading them loads no training framework."""

from typing import Literal

from pydantic import NonNegativeInt

from atelier.settings import Settings


class HardwareSettings(Settings):
    """Where training computes. `auto` takes a GPU where there is one, and bfloat16 where the processor has it."""

    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["auto", "float32", "bfloat16"]
    threads: NonNegativeInt
    """CPU threads; 0: as many as there are cores."""
