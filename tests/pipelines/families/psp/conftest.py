"""Drawn faces, an untrained perceptual network, and settings for fast training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atelier.data.download.raw_folder import make
from atelier.data.download.source import DataRequest
from atelier.pretrained.faces.detector import FaceDetector
from atelier.pretrained.faces.judges import FaceJudges
from pipelines.families.psp.settings import PspInputs, PspSettings
from tests.helpers.face_sets import write_faces
from tests.helpers.family_settings import family_settings
from tests.helpers.perceptual_networks import write_perceptual

SIZE = 64
COUNTS = {"train": 12, "val": 4, "test": 6}
STAGES = {"generator": 2, "encoder": 2, "autoencoder": 2, "joint": 2}


def make_judges(folder: Path, network: str) -> FaceJudges:
    """Judges whose networks are not opened."""
    return FaceJudges(_named(folder / "face_judges", network))


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> PspInputs:
    folder = tmp_path_factory.mktemp("data")
    return PspInputs(
        faces=write_faces(folder / "faces", COUNTS, SIZE),
        perceptual=write_perceptual(folder / "perceptual", "random"),
        face_detector=FaceDetector(_named(folder / "face_detector", "none")),
        face_judges=make_judges(folder, "measured"),
    )


def _named(folder: Path, network: str) -> Path:
    """A folder of a pretrained network, which holds its name only."""
    request = DataRequest(
        dataset=folder.name, kind="sample", address="here", licence="CC0", parameters={"network": network}
    )
    make(folder, request, lambda building: (building / "network.txt").write_text(network))
    return folder


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., PspSettings]:
    def make_test_settings(changes: dict[str, Any] | None = None, **training: Any) -> PspSettings:
        values = {"stages": STAGES, "epoch_items": 8, "batch_size": 4, "sheet_every": 2, "r1_every": 2}
        return family_settings(
            "psp",
            {"training": values | training, "hardware": {"threads": 1, "device": "cpu"}, **(changes or {})},
            environment="test",
        )

    return make_test_settings
