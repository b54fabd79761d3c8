"""Parameters that the PyTorch families share. This module imports no training framework."""

from typing import Literal

from pydantic import NonNegativeInt

from atelier.settings import Settings


class HardwareSettings(Settings):
    """Device, precision and threads of training. `auto` selects a GPU, and bfloat16, where they are supported."""

    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["auto", "float32", "bfloat16"]
    threads: NonNegativeInt
    """Number of CPU threads; 0: one for each core."""
