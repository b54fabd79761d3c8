"""Parameters of every family that trains with TensorFlow. Light: reading them loads no training framework."""

from typing import Literal

from pydantic import NonNegativeInt

from atelier.settings import Settings


class HardwareSettings(Settings):
    """Where training computes. `auto` takes a GPU where there is one."""

    device: Literal["auto", "cpu"] = "auto"
    threads: NonNegativeInt = 0
    """CPU threads; 0: as many as there are cores."""
