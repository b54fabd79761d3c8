from pathlib import Path

import numpy as np

from pipelines.training.on_torch.batches import Batches
from tests.helpers.shapes import write_prepared


def test_batches_follow_the_order_and_the_last_one_may_be_smaller(tmp_path: Path) -> None:
    split = write_prepared(tmp_path / "quickdraw").split("test")
    order = np.arange(80)[::-1].copy()
    batches = list(Batches(split, order, 32))
    assert [len(labels) for _, labels in batches] == [32, 32, 16]
    assert (np.concatenate([labels for _, labels in batches]) == split["label"][order]).all()
    assert (np.concatenate([images for images, _ in batches]) == split["image"][order]).all()
    assert len(Batches(split, order, 32)) == 3
