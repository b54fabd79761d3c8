"""The linear probe: multinomial logistic regression on features of the frozen backbone.

It takes seconds, because the backbone sees each photo only as often as there are views. Its weights are the first ones
of the classifier that is trained further.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.optimize import minimize

from atelier.data.content_hash import digest_of
from atelier.data.prepared.dataset import ShardedArray
from pipelines.families.photo_classifier.augmentation import views
from pipelines.families.photo_classifier.model import CLASSIFIER
from pipelines.families.photo_classifier.settings import TrainingSettings

BATCH = 32
MAX_ITERATIONS = 200
Floats = NDArray[np.float32]


def set_probe(
    network: keras.Model, split: Mapping[str, ShardedArray], settings: TrainingSettings, folder: Path
) -> None:
    """Give the classifier of a network the weights of the probe on a training split.

    Features and weights are kept in two files, and computed again for other photos, backbones or parameters.

    Parameters
    ----------
    split
        Fields `image`, `label` and `id`.
    folder
        For the files `probe_features.npz` and `probe_weights.npz`.
    """
    flips, views_, probe = settings.augmentation.flips, settings.probe.views, settings.probe
    layer = network.get_layer(CLASSIFIER)
    labels = split["label"][:].astype(np.int64)
    described = f"{flips} {views_} {network.input_shape} {labels.tolist()}".encode()
    key = digest_of(b"".join(map(np.ndarray.tobytes, network.get_weights())) + split["id"][:].tobytes() + described)

    def features() -> dict[str, Floats]:
        return {"features": np.concatenate([_features(network, split["image"], n, flips) for n in range(views_)])}

    def weights() -> dict[str, Floats]:
        of_views = _kept(folder / "probe_features.npz", key.hex(), features)["features"]
        kernel, bias = fit_probe(of_views, np.tile(labels, views_), layer.units, probe.l2, settings.class_weights)
        return {"kernel": kernel, "bias": bias}

    found = _kept(folder / "probe_weights.npz", f"{key.hex()} {probe.l2} {settings.class_weights}", weights)
    layer.set_weights([found["kernel"], found["bias"]])


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


def _kept(path: Path, key: str, compute: Callable[[], dict[str, Floats]]) -> dict[str, Floats]:
    """The arrays in a file that was written with this key; otherwise they are computed and written."""
    if path.exists():
        with np.load(path) as stored:
            if str(stored["key"]) == key:
                return {name: stored[name] for name in stored.files if name != "key"}
    arrays = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"part.{path.name}")
    np.savez(part, key=np.array(key), allow_pickle=False, **arrays)
    part.replace(path)
    return arrays


def _features(network: keras.Model, images: ShardedArray, number: int, flips: str) -> Floats:
    size = network.input_shape[1:3]
    body = keras.Model(network.input, network.output["features"])
    found = []
    for start in range(0, len(images), BATCH):
        photos = tf.image.resize(tf.constant(images[start : start + BATCH]), size)
        found.append(body(views(photos, number, flips), training=False).numpy())
    return np.concatenate(found)
