"""Relative names of files that come from outside."""

from pathlib import PureWindowsPath


def is_inside(name: str) -> bool:
    """Whether a relative path names a file inside the folder that it is appended to, on every system.

    `a/b.jpg` does; `/b.jpg`, `../b.jpg`, `a/../../b.jpg`, `C:b.jpg` and names with a backslash do not.
    """
    parts = name.split("/")
    plain = all(part not in ("", ".", "..") and PureWindowsPath(part).name == part for part in parts)
    return plain and not any(character < " " for character in name)
