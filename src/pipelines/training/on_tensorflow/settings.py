"""Parameters that the TensorFlow families share. This module imports no training framework."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from atelier.settings import Settings


class HardwareSettings(Settings):
    """Device and threads of training. `auto` uses a GPU if there is one."""

    device: Literal["auto", "cpu"]
    threads: NonNegativeInt
    """Number of CPU threads; 0: one for each core."""


class MixedHardwareSettings(HardwareSettings):
    """For families that can compute convolutions in bfloat16. Weights, norms and losses are float32."""

    precision: Literal["auto", "float32", "bfloat16"]
    """`auto` is bfloat16 where the processor supports it, else float32."""


class ReplicatedHardwareSettings(HardwareSettings):
    """For families that can also compute in float16 with loss scaling, and on several devices at once."""

    precision: Literal["auto", "float32", "bfloat16", "float16"]
    """`auto` is bfloat16 where processor or GPU support it, float16 on an older GPU with fast float16, else float32."""
    devices: PositiveInt
    """Number of devices that share each batch."""
