"""Drawn faces, an untrained perceptual network, and settings for fast training."""

from collections.abc import Callable
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
STAGES = {"generator": 2, "encoder": 2, "joint": 2}


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> PspInputs:
    folder = tmp_path_factory.mktemp("data")
    for name, network in (("face_detector", "none"), ("face_judges", "measured")):
        request = DataRequest(
            dataset=name, kind="sample", address="here", licence="CC0", parameters={"network": network}
        )
        make(folder / name, request, lambda building: (building / "network.txt").write_text("none"))
    return PspInputs(
        faces=write_faces(folder / "faces", COUNTS, SIZE),
        perceptual=write_perceptual(folder / "perceptual", "random"),
        face_detector=FaceDetector(folder / "face_detector"),
        face_judges=FaceJudges(folder / "face_judges"),
    )


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
