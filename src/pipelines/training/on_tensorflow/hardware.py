"""Device, threads and precision of TensorFlow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import keras
import tensorflow as tf

from atelier.errors import BadInputError
from pipelines.training.on_tensorflow.settings import (
    HardwareSettings,
    MixedHardwareSettings,
    ReplicatedHardwareSettings,
)

Precision = Literal["float32", "bfloat16", "float16"]
"""Data type in which convolutions are computed."""
CPU_INFO = Path("/proc/cpuinfo")
BFLOAT16_FLAGS = ("avx512_bf16", "amx_bf16")
"""Flags of processors that compute in bfloat16. Others emulate it, which is slower than float32."""
BFLOAT16_CAPABILITY, FLOAT16_CAPABILITY = (8, 0), (7, 0)
"""Compute capabilities from which NVIDIA's GPUs have tensor cores for bfloat16 (Ampere) and float16 (Volta)."""


@contextmanager
def compute_precision(precision: Precision) -> Iterator[None]:
    """Keras layers that are created in this context have float32 weights and compute in `precision` by default."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def set_up(hardware: HardwareSettings) -> None:
    """Set device and threads of TensorFlow, and make its operations deterministic.

    Raises
    ------
    BadInputError
        When this process has used TensorFlow before with other settings. TensorFlow cannot change them after its first
        operation.
    """
    tf.config.experimental.enable_op_determinism()
    try:
        if hardware.device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        if hardware.threads:
            tf.config.threading.set_intra_op_parallelism_threads(hardware.threads)
    except RuntimeError as error:
        raise BadInputError(
            f"TensorFlow runs in this process already, with other hardware settings ({error}). Give all TensorFlow "
            "families the same hardware.threads and hardware.device, or run them one by one: --pipelines <family>."
        ) from error


def precision(hardware: MixedHardwareSettings | ReplicatedHardwareSettings) -> Precision:
    """The precision of the settings. `auto` is bfloat16 where the GPU, or without one the processor, supports it.

    Else it is float16 on a GPU that computes faster in it, for families that allow it, and float32 everywhere else.
    """
    if hardware.precision != "auto":
        return hardware.precision
    gpus = [] if hardware.device == "cpu" else tf.config.list_physical_devices("GPU")
    if not gpus:
        flags = CPU_INFO.read_text() if CPU_INFO.exists() else ""
        return "bfloat16" if any(flag in flags for flag in BFLOAT16_FLAGS) else "float32"
    capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
    if capability >= BFLOAT16_CAPABILITY:
        return "bfloat16"
    allowed = isinstance(hardware, ReplicatedHardwareSettings) and capability >= FLOAT16_CAPABILITY
    return "float16" if allowed else "float32"


def strategy(hardware: ReplicatedHardwareSettings) -> tf.distribute.Strategy:
    """How batches are distributed over devices: over GPUs if there are any, else over logical CPU devices."""
    if hardware.devices == 1:
        return tf.distribute.get_strategy()
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    found = [device.name for device in tf.config.list_logical_devices(kind)]
    if len(found) < hardware.devices:
        raise BadInputError(f"hardware.devices is {hardware.devices}, but there are only {len(found)} {kind} devices.")
    return tf.distribute.MirroredStrategy(found[: hardware.devices])
