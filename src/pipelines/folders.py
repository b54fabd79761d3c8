"""Folders as parameters of nodes. They are no data sets, so that the graph of the pipelines shows only what is made."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def with_paths(
    function: Callable[..., T], subfolder: str = "", arguments: Sequence[str] = ("folder",)
) -> Callable[..., T]:
    """The same function for a node that gets its folders as text, from `params:folders`.

    Parameters
    ----------
    function
        Is called with keyword arguments only.
    subfolder
        What the function gets is this subfolder of each folder.
    arguments
        Names of the arguments that are folders.
    """

    @wraps(function)
    def run(**given: Any) -> T:
        return function(**{**given, **{name: Path(given[name], subfolder) for name in arguments}})

    return run
