"""Hash of modules and of all modules of the project that they import.

It includes the versions of the libraries that compute results. It ignores comments, docstrings and formatting, which
cannot change a result.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

LIBRARIES = ("keras", "lightning", "numpy", "onnx", "onnxruntime", "onnxscript", "tensorflow", "tf2onnx", "torch")
"""Libraries whose versions may change a result."""
NOT_COMPUTING = ("pipelines.lifecycle", "atelier.registry")
"""Packages that are imported by families but cannot change a result: they order and track the steps."""


class _Module(NamedTuple):
    """A module, as it enters the hash."""

    content: str
    """Hash of its syntax tree, without docstrings."""
    imports: frozenset[str]
    """Dotted names. For `from a import b` these are `a` and `a.b`, because `b` may be a module."""


def code_hash(*modules: str) -> str:
    """SHA-256 of modules and of all modules of the project that they import, directly or indirectly.

    Parameters
    ----------
    modules
        Dotted names. Imports from their top-level packages, from `atelier` and from `pipelines` are followed.

    Raises
    ------
    ModuleNotFoundError
        When one of the modules does not exist.
    """
    packages = {"atelier", "pipelines", *(name.partition(".")[0] for name in modules)}
    digest = hashlib.sha256()
    found, libraries = _closure(modules, packages)
    for name in sorted(found):
        digest.update(f"{name} {_read(name, found[name]).content}\n".encode())
    for name in sorted(libraries):
        digest.update(f"{name}=={version(name)}\n".encode())
    return digest.hexdigest()


def _closure(modules: Iterable[str], packages: set[str]) -> tuple[dict[str, Path], set[str]]:
    """Module → file, for all imported modules of the project; and the imported libraries of `LIBRARIES`."""
    found: dict[str, Path] = {}
    libraries: set[str] = set()
    waiting = list(modules)
    for name in modules:
        if _file(name) is None:
            raise ModuleNotFoundError(f"There is no module {name!r}.", name=name)
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        if top in LIBRARIES:
            libraries.add(top)
        if top not in packages or name in found or name.startswith(NOT_COMPUTING):
            continue
        file = _file(name)
        if file is not None:
            found[name] = file
            waiting += _read(name, file).imports
    return found, libraries


@cache
def _file(name: str) -> Path | None:
    """The file of a module of the project. None: the name is not a module, but for example a function."""
    top, *parts = name.split(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], *parts)
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@cache
def _read(name: str, file: Path) -> _Module:
    tree = ast.parse(file.read_bytes())
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    imports = frozenset(_imports(tree, package))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # Remove docstrings, and strings below attributes.
            node.body = [each for each in body if not _is_string(each)] or [ast.Pass()]  # type: ignore[attr-defined]
    return _Module(hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imports)


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)
