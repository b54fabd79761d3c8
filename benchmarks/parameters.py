"""The parameters of a family or a data set in an environment."""

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

CONF = Path(__file__).parents[1] / "conf"


def parameters(name: str, env: str) -> dict[str, Any]:
    """The parameters of `conf/base`, overridden by those of `conf/<env>`."""
    files = [OmegaConf.load(CONF / folder / f"parameters_{name}.yml") for folder in ("base", env)]
    merged: Any = OmegaConf.to_container(OmegaConf.merge(*files), resolve=True)
    found: dict[str, Any] = merged[name]
    return found
