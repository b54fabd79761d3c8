"""Metrics and images of a training for TensorBoard, beside MLflow: `make tensorboard`."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import tensorflow as tf

Summary = tf.compat.v1.Summary


class Events:
    """A file of events in a folder, made with the first event. TensorFlow writes it without the package tensorboard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, metrics: Mapping[str, float], epoch: int, images: Mapping[str, bytes] | None = None) -> None:
        """Write one epoch: metric → value, and name → PNG file."""
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        values += [
            Summary.Value(tag=name, image=Summary.Image(encoded_image_string=png))
            for name, png in (images or {}).items()
        ]
        with self._writer.as_default():
            tf.summary.experimental.write_raw_pb(Summary(value=values).SerializeToString(), step=epoch)
        self._writer.flush()

    @cached_property
    def _writer(self) -> Any:
        return tf.summary.create_file_writer(str(self._folder))
