"""Families that exist in one test only: their modules are made up, so that nothing of them is on disk."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from pipelines.lifecycle.families import FAMILIES, Family


def register_family(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    settings: type,
    inputs: type,
    judges: tuple[str, ...] = (),
    train: Callable[..., Any] | None = None,
    export: Callable[..., Any] | None = None,
    evaluate: Callable[..., Any] | None = None,
) -> Family:
    """Enter a family into `FAMILIES` for the time of a test."""
    package = f"families_of_tests.{name}"
    settings, inputs = (_in_module(monkeypatch, kind, f"{package}.settings") for kind in (settings, inputs))
    modules = {
        "settings": {settings.__name__: settings, inputs.__name__: inputs},
        "training": {"train": train},
        "export": {"export": export},
        "evaluation": {"evaluate": evaluate},
    }
    monkeypatch.setitem(sys.modules, package, ModuleType(package))
    for module_name, content in modules.items():
        module = ModuleType(f"{package}.{module_name}")
        for key, value in content.items():
            setattr(module, key, value)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for user in ("job", "judges"):  # there is no file whose code could be hashed
        monkeypatch.setattr(f"pipelines.lifecycle.{user}.code_hash", lambda *modules: "code")
    entered = Family(package, judges)
    monkeypatch.setitem(FAMILIES, name, entered)
    return entered


def _in_module(monkeypatch: pytest.MonkeyPatch, kind: type, module: str) -> type:
    """The class as one that this module defines; a subclass where another family uses it already."""
    if kind.__module__.startswith("families_of_tests."):
        return type(kind.__name__, (kind,), {"__module__": module})
    monkeypatch.setattr(kind, "__module__", module)
    return kind
