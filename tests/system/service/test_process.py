"""What the service's processes load: only the packages of the bento, and no training framework."""

import re
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import httpx
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.service_requests import CLASSIFY_DRAWING, line_image
from tests.helpers.serving import ROOT, log_of

pytestmark = pytest.mark.system

OURS = {"atelier", "pipelines"}
TAKEN_WHEN_PRESENT = {
    "charset-normalizer",
    "uvloop",
    "httptools",
    "websockets",
    "colorama",
    "pexpect",
    "ptyprocess",
    "setuptools",
}
"""Small packages that the allowed ones use if they happen to be installed, as in this environment."""


def test_the_process_loads_only_the_packages_of_the_bento(service: httpx.Client, home: Path) -> None:
    assert service.post(CLASSIFY_DRAWING, files={"image": ("line.png", line_image())}).status_code == 200
    lines = re.findall(r"^import time: .*\| +([\w.]+)$", log_of(service, home), re.MULTILINE)
    loaded = {name.split(".")[0] for name in lines}
    assert {"onnxruntime", "numpy", "PIL", "bentoml", "atelier"} <= loaded
    owners = packages_distributions()
    foreign = {name: owners[name] for name in loaded if name in owners and not allowed(owners[name])}
    assert foreign.keys() - OURS == set()


def test_the_process_maps_no_library_of_a_training_framework(service: httpx.Client, home: Path) -> None:
    pids = re.findall(r"\[entry_service:atelier:(\d+)\]", log_of(service, home))
    assert pids
    maps = [path for path in Path("/proc").glob("[0-9]*/environ") if f"BENTOML_HOME={home}" in readable(path)]
    mapped = "".join(readable(path.with_name("maps")) for path in maps)
    assert "onnxruntime" in mapped
    assert not [name for name in ("torch", "tensorflow", "pyarrow", "pandas") if f"/site-packages/{name}/" in mapped]


def readable(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def allowed(distributions: list[str]) -> bool:
    return any(canonicalize_name(name) in closure() | TAKEN_WHEN_PRESENT for name in distributions)


@cache
def closure() -> set[str]:
    """The packages in bentofile.yaml and everything that they require."""
    found: set[str] = set()
    packages = yaml.safe_load((ROOT / "bentofile.yaml").read_text())["python"]["packages"]
    pending = [Requirement(package).name for package in packages]
    while pending:
        name = canonicalize_name(pending.pop())
        if name in found:
            continue
        found.add(name)
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except ModuleNotFoundError:
            continue
        pending += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found
