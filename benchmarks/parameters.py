"""The parameters of a family in an environment."""

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

CONF = Path(__file__).parents[1] / "conf"


def parameters(family: str, env: str) -> dict[str, Any]:
    """The parameters of `conf/base`, overridden by those of `conf/<env>`."""
    files = [OmegaConf.load(CONF / name / f"parameters_{family}.yml") for name in ("base", env)]
    merged: Any = OmegaConf.to_container(OmegaConf.merge(*files))
    found: dict[str, Any] = merged[family]
    return found
