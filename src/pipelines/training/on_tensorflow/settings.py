"""Parameters of every family that trains with TensorFlow. Light: reading them loads no training framework."""

from typing import Literal

from pydantic import NonNegativeInt

from atelier.settings import Settings


class HardwareSettings(Settings):
    """Where training computes. `auto` takes a GPU where there is one."""

    device: Literal["auto", "cpu"]
    threads: NonNegativeInt
    """CPU threads; 0: as many as there are cores."""


class MixedHardwareSettings(HardwareSettings):
    """Of a family that can compute its convolutions in bfloat16, its weights, norms and losses in float32."""

    precision: Literal["auto", "float32", "bfloat16"]
    """`auto` takes bfloat16 where the processor has it."""
