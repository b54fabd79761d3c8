"""Where TensorFlow computes, and how precisely."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import keras
import tensorflow as tf

from atelier.errors import BadInputError
from pipelines.training.on_tensorflow.settings import HardwareSettings, MixedHardwareSettings

Precision = Literal["float32", "bfloat16"]
"""Of convolutions."""
PROCESSOR = Path("/proc/cpuinfo")
NATIVE = ("avx512_bf16", "amx_bf16")
"""Flags of processors that compute in bfloat16; others would only emulate it, slower than float32."""


@contextmanager
def computing_in(precision: Precision) -> Iterator[None]:
    """Layers of Keras that are made in here keep float32 weights and compute in this, unless they say otherwise."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def set_up(hardware: HardwareSettings) -> None:
    """Say to TensorFlow where to compute, and to compute the same each time.

    Raises
    ------
    BadInputError
        When another family has computed in this process already, with other threads or on another device: TensorFlow
        settles both at its first operation.
    """
    tf.config.experimental.enable_op_determinism()
    try:
        if hardware.device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        if hardware.threads:
            tf.config.threading.set_intra_op_parallelism_threads(hardware.threads)
    except RuntimeError as error:
        raise BadInputError(
            f"TensorFlow computes in this process already, with other hardware settings ({error}) Give all families of "
            "TensorFlow the same hardware.threads and hardware.device, or run them one by one: --pipelines <family>."
        ) from error


def precision(hardware: MixedHardwareSettings) -> Precision:
    """What is asked for, with `auto` decided by what this machine has."""
    if hardware.precision != "auto":
        return hardware.precision
    flags = PROCESSOR.read_text() if PROCESSOR.exists() else ""
    return "bfloat16" if any(flag in flags for flag in NATIVE) else "float32"
