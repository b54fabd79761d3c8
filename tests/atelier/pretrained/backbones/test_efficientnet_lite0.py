import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from atelier.data.download.package import read_package_file
from atelier.errors import BadInputError
from atelier.pretrained.backbones.architectures import LITE0
from atelier.pretrained.backbones.efficientnet_lite0 import read_checkpoint
from atelier.pretrained.backbones.torch_files import read_torch_file
from pipelines.fetch.backbone import LITE0_FILE, LITE0_PACKAGE


@pytest.fixture(scope="module")
def content() -> bytes:
    return read_package_file(LITE0_PACKAGE)


def test_the_checkpoint_holds_every_weight(content: bytes) -> None:
    weights = read_checkpoint(content)
    assert {name: array.shape for name, array in weights.items()} == LITE0.shapes
    assert all(np.isfinite(array).all() and array.std() > 0 for array in weights.values())


def test_folded_weights_equal_those_of_the_mirror(content: bytes, mirror: Path) -> None:
    """The mirror's were folded independently, by another program."""
    weights = read_checkpoint(content)
    with np.load(mirror / "weights" / LITE0_FILE) as expected:
        for name, array in weights.items():
            np.testing.assert_allclose(array, expected[name], atol=1e-5, rtol=1e-5)


def test_a_file_with_anything_but_tensors_is_refused(content: bytes) -> None:
    class Evil:
        def __reduce__(self):
            return (Path.touch, (Path("/tmp/never"),))

    evil = pickle.dumps(Evil(), protocol=2)
    with pytest.raises(BadInputError, match="contains"):
        read_torch_file(evil + content[len(evil) :])


@pytest.mark.parametrize("broken", [b"", b"no pickle", pickle.dumps(OrderedDict()), None])
def test_a_broken_file_is_refused(content: bytes, broken: bytes | None) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        read_torch_file(content[: len(content) // 2] if broken is None else broken)
