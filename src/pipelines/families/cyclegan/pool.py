"""Earlier results of a generator, which keep the discriminator from forgetting them."""

import numpy as np
import tensorflow as tf
from tensorflow import Tensor


class ImagePool(tf.Module):
    """The image pool of Shrivastava et al. 2017 (arXiv:1612.07828, section 2.3) for images (size, size, 3).

    While it fills, every image is returned as it is. Then every second image, chosen at random, replaces one in the
    pool, which is returned instead. Its content is part of a checkpoint.

    Parameters
    ----------
    capacity
        Number of images; 0: every image is returned as it is.
    size
        Side of the images, in pixels.
    """

    def __init__(self, capacity: int, size: int) -> None:
        super().__init__()
        self._capacity = capacity
        self.images = tf.Variable(tf.zeros((capacity, size, size, 3), tf.float16), trainable=False)
        self.count = tf.Variable(0, dtype=tf.int64, trainable=False)

    def exchange(self, images: Tensor, seed: tuple[int, ...]) -> Tensor:
        """Images (n, size, size, 3), 0..255 → as many images, new ones or earlier ones."""
        rng = np.random.default_rng(seed)
        return tf.stack([self._exchange(image, rng) for image in images]) if self._capacity else images

    def _exchange(self, image: Tensor, rng: np.random.Generator) -> Tensor:
        count = int(self.count)
        if count < self._capacity:
            self.images[count].assign(tf.cast(image, tf.float16))
            self.count.assign_add(1)
            return image
        if rng.random() < 0.5:
            return image
        index = int(rng.integers(self._capacity))
        earlier = tf.cast(self.images[index], tf.float32)
        self.images[index].assign(tf.cast(image, tf.float16))
        return earlier
