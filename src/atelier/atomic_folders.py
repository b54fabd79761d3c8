"""Atomic replacement of folders: a new folder is built next to the old one, then the two are exchanged."""

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
    """Yield an empty folder to build in, which replaces `folder` when the block ends without an error.

    After a kill at any point `folder` holds its old or its new contents, never a mixture. The next build removes what a
    killed one left.
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
    """Move `new` to `folder`, and remove the old contents of `folder`."""
    if not folder.exists():
        new.rename(folder)
        return
    if _exchange(new, folder):
        shutil.rmtree(new)
        return
    old = _old_path(folder)
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)  # after a kill at this point, `recover` restores the old contents
    new.rename(folder)
    shutil.rmtree(old)


def recover(folder: Path) -> None:
    """Undo or finish a replacement that a kill interrupted, where the system cannot exchange folders in one step."""
    old = _old_path(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _old_path(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step (renameat2 of Linux). Returns False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # glibc before 2.28 (2018)
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)
