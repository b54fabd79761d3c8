"""The parameters of a family, as they stand in `conf`."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def base_parameters(family: str) -> dict[str, Any]:
    """The parameters of a family in `conf/base`."""
    content = yaml.safe_load((ROOT / "conf" / "base" / f"parameters_{family}.yml").read_text(encoding="utf-8"))
    parameters: dict[str, Any] = content[family]
    return parameters
