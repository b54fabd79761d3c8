"""The network of most Quick Draw demos on our split, as a baseline.

    kedro run --env small --pipelines fetch,prepare        # makes data/small/prepared/quickdraw
    python -m benchmarks.quality.baseline_mlp [folder of the prepared data]

Two hidden layers of 128 units on the 784 gray levels, Adam, no augmentation. The epoch with the best validation
accuracy is tested, so that overfitting in later epochs does not lower the result.
"""

import sys
import time
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from atelier.data.prepared.dataset import PreparedData, SplitName
from benchmarks.report import report

EPOCHS = 20
BATCH = 128


def main() -> None:
    data = PreparedData(Path(sys.argv[1] if len(sys.argv) > 1 else "data/small/prepared/quickdraw"))
    torch.manual_seed(0)
    classes = len(data.manifest.labels)
    network = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, classes))
    began = time.perf_counter()
    best = _train(network, _load(data, "train"), _load(data, "val"))
    seconds = time.perf_counter() - began
    top1, map3 = _score(best, *_load(data, "test"))
    row = {
        "network": "784-128-128 perceptron",
        "classes": classes,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "test top-1": round(top1, 4),
        "test MAP@3": round(map3, 4),
        "training s": round(seconds, 1),
    }
    report("baseline_mlp", f"The usual demo network, {EPOCHS} epochs", [row], ["torch"])


def _load(data: PreparedData, split: SplitName) -> tuple[Tensor, Tensor]:
    fields = data.split(split)
    images = torch.from_numpy(np.asarray(fields["image"])).flatten(1).float() / 255
    return images, torch.from_numpy(np.asarray(fields["label"]).astype(np.int64))


def _train(network: nn.Module, train: tuple[Tensor, Tensor], val: tuple[Tensor, Tensor]) -> nn.Module:
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    best, best_top1 = network, -1.0
    for _ in range(EPOCHS):
        for index in torch.split(torch.randperm(len(train[1])), BATCH):
            loss = functional.cross_entropy(network(train[0][index]), train[1][index])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        top1, _ = _score(network, *val)
        if top1 > best_top1:
            best, best_top1 = deepcopy(network), top1
    return best


@torch.inference_mode()
def _score(network: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Top-1 and MAP@3. With one true class per item, MAP@3 is the mean of 1 / rank for ranks 1, 2 and 3."""
    hits = (network(images).topk(3).indices == labels[:, None]).double()
    return float(hits[:, 0].mean()), float((hits / torch.tensor([1.0, 2.0, 3.0])).sum(1).mean())


if __name__ == "__main__":
    main()
