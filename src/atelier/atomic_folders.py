"""Folders that change all at once: built beside their place, then exchanged with what stands there."""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def rebuilt(folder: Path) -> Iterator[Path]:
    """An empty folder to build in; it takes the place of `folder` when the block ends without an error.

    Killed at any point, `folder` holds its old or its new contents, never a mixture. What a killed build left behind is
    removed by the next one.
    """
    building = folder.with_name(f".{folder.name}.building")
    recover(folder)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        yield building
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    replace_folder(building, folder)


def replace_folder(new: Path, folder: Path) -> None:
    """Put `new` where `folder` stands or would stand, and remove the old contents."""
    if not folder.exists():
        new.rename(folder)
        return
    if _exchange(new, folder):
        shutil.rmtree(new)
        return
    old = _retired(folder)
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)  # killed after this line, `recover` brings the old contents back
    new.rename(folder)
    shutil.rmtree(old)


def recover(folder: Path) -> None:
    """Finish what a kill interrupted where the system cannot exchange two folders in one step."""
    old = _retired(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _retired(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step (Linux's renameat2); False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library older than 2018
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)
