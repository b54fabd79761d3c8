"""Where TensorFlow computes."""

import tensorflow as tf

from pipelines.on_tensorflow.settings import HardwareSettings


def set_up(hardware: HardwareSettings) -> None:
    """Say to TensorFlow where to compute, and to compute the same each time."""
    tf.config.experimental.enable_op_determinism()
    if hardware.device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    if hardware.threads:
        tf.config.threading.set_intra_op_parallelism_threads(hardware.threads)
