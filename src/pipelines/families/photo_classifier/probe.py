"""The linear probe: multinomial logistic regression on features of the frozen backbone.

It takes seconds, because the backbone sees each photo only as often as there are views. Its weights are the first ones
of the classifier that is trained further.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.optimize import minimize

from atelier.data.content_hash import digest_of
from atelier.data.prepared.dataset import ShardedArray
from pipelines.families.photo_classifier.augmentation import views
from pipelines.families.photo_classifier.model import CLASSIFIER

BATCH = 32
MAX_ITERATIONS = 200
Floats = NDArray[np.float32]


def set_probe(network: keras.Model, split: Mapping[str, ShardedArray], settings: Any, cache: Path) -> None:
    """Give the classifier of a network the weights of the probe on a training split.

    Parameters
    ----------
    split
        Fields `image`, `label` and `id`.
    settings
        `TrainingSettings` of the family.
    cache
        A `.npz` in which the features are kept; those of other photos, weights or views are computed again.
    """
    flips, count = settings.augmentation.flips, settings.probe.views
    features = _cached_features(network, split, flips, count, cache)
    labels = np.tile(split["label"][:].astype(np.int64), count)
    layer = network.get_layer(CLASSIFIER)
    layer.set_weights(fit_probe(features, labels, layer.units, settings.probe.l2, settings.class_weights))


def fit_probe(features: Floats, labels: NDArray[np.int64], classes: int, l2: float, balanced: bool) -> list[Floats]:
    """Kernel (d, classes) and bias (classes,) that minimize the mean cross entropy + l2 / 2 · ‖W‖² (L-BFGS).

    W is the kernel for standardized features; the returned one is for the features as they are.

    Parameters
    ----------
    balanced
        Whether each class has the same total weight in the mean.
    """
    mean, scale = features.mean(0), features.std(0) + 1e-6
    x = ((features - mean) / scale).astype(np.float64)
    weights = item_weights(labels, classes, balanced)[:, None] / len(labels)
    targets = np.eye(classes)[labels]

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        kernel, bias = flat[:-classes].reshape(-1, classes), flat[-classes:]
        logits = x @ kernel + bias
        logits -= logits.max(1, keepdims=True)
        log_sum = np.log(np.exp(logits).sum(1, keepdims=True))
        loss = float((weights * targets * (log_sum - logits)).sum() + l2 / 2 * (kernel**2).sum())
        error = weights * (np.exp(logits - log_sum) - targets)
        return loss, np.concatenate([(x.T @ error + l2 * kernel).ravel(), error.sum(0)])

    start = np.zeros((x.shape[1] + 1) * classes)
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS}).x
    kernel = found[:-classes].reshape(-1, classes) / scale[:, None]
    return [kernel.astype(np.float32), (found[-classes:] - mean @ kernel).astype(np.float32)]


def item_weights(labels: NDArray[np.int64], classes: int, balanced: bool) -> NDArray[np.float64]:
    """(n,) weights with mean 1: all 1, or such that each class has the same sum."""
    if not balanced:
        return np.ones(len(labels))
    counts = np.bincount(labels, minlength=classes)
    weights: NDArray[np.float64] = (len(labels) / (counts > 0).sum() / np.maximum(counts, 1))[labels]
    return weights


def _cached_features(
    network: keras.Model, split: Mapping[str, ShardedArray], flips: str, count: int, cache: Path
) -> Floats:
    """Features (count · n, d) of all views, view by view."""
    weights = b"".join(weight.tobytes() for weight in network.get_weights())
    key = digest_of(weights + split["id"][:].tobytes() + f"{flips} {count} {network.input_shape}".encode()).hex()
    if cache.exists():
        with np.load(cache) as stored:
            if str(stored["key"]) == key:
                return np.asarray(stored["features"])
    features = np.concatenate([_features(network, split["image"], number, flips) for number in range(count)])
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_name(f"part.{cache.name}")
    np.savez(part, key=key, features=features)
    part.replace(cache)
    return features


def _features(network: keras.Model, images: ShardedArray, number: int, flips: str) -> Floats:
    size = network.input_shape[1:3]
    body = keras.Model(network.input, network.output["features"])
    found = []
    for start in range(0, len(images), BATCH):
        photos = tf.image.resize(tf.constant(images[start : start + BATCH]), size)
        found.append(body(views(photos, number, flips), training=False).numpy())
    return np.concatenate(found)
