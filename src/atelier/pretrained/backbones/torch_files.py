"""Read a file of weights that PyTorch wrote before version 1.6, without PyTorch.

The file holds five pickles, then each storage, in the order of the fifth pickle: its number of elements (int64) and its
elements. Only ordered dictionaries and tensors are unpickled, so a prepared file runs no code.
"""

import io
import pickle
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
_MAGIC = 0x1950A86A20F9469CFC6C


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype[Any]


class _Tensor(NamedTuple):
    """Where the elements of a tensor are: offset and strides in elements of its storage."""

    storage: _Storage
    offset: int
    shape: Sequence[int]
    strides: Sequence[int]


def read_torch_file(content: bytes) -> dict[str, NDArray[Any]]:
    """Name → array, of a dictionary of tensors (a "state dict").

    Raises
    ------
    BadInputError
        When the content is no such file, or contains anything else.
    """
    file = io.BytesIO(content)
    try:
        magic, _, _, tensors, keys = (_Unpickler(file).load() for _ in range(5))
        if magic != _MAGIC:
            raise pickle.UnpicklingError("it is not a file of PyTorch before version 1.6")
        dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
        storages = {key: _read_storage(file, dtypes[key]) for key in keys}
        return {name: _array(tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}
    except Exception as error:  # a malformed pickle raises nearly any type
        raise BadInputError(f"The file of weights cannot be read: {error}.") from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"it contains {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        return _Storage(pid[2], _DTYPES[pid[1]])


def _tensor(storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def _read_storage(file: io.BytesIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(count * dtype.itemsize), dtype, count)


def _array(tensor: _Tensor, storage: NDArray[Any]) -> NDArray[Any]:
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True))
    if not 0 <= tensor.offset <= last < len(storage):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [stride * storage.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides, writeable=False)
    return view.copy()
