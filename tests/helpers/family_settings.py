"""Settings of a family for tests: the values of its parameter file, with changes."""

from typing import Any

from omegaconf import OmegaConf

from pipelines.lifecycle.families import FAMILIES
from tests.helpers.projects import ROOT


def family_parameters(name: str, changes: dict[str, Any] | None = None, environment: str = "base") -> dict[str, Any]:
    """The parameters of an environment, merged with `changes` block by block."""
    files = [ROOT / "conf" / folder / f"parameters_{name}.yml" for folder in ("base", environment)]
    merged = OmegaConf.merge(*(OmegaConf.load(file) for file in files if file.exists()), {name: changes or {}})
    parameters: dict[str, Any] = OmegaConf.to_container(merged)[name]  # type: ignore[index, call-overload]
    return parameters


def family_settings(name: str, changes: dict[str, Any] | None = None, environment: str = "base") -> Any:
    """The same, validated."""
    return FAMILIES[name].settings(family_parameters(name, changes, environment))
