import pytest

from pipelines.families.photo_classifier.settings import PhotoClassifierInputs, PhotoClassifierSettings
from tests.helpers.family_settings import family_settings
from tests.helpers.image_sets import write_image_set
from tests.helpers.photo_sets import write_backbone, write_photos


@pytest.fixture(scope="session")
def inputs(tmp_path_factory) -> PhotoClassifierInputs:
    folder = tmp_path_factory.mktemp("data")
    return PhotoClassifierInputs(
        photos=write_photos(folder / "photos"),
        landscapes=write_image_set(folder / "landscapes", seed=5),
        backbone=write_backbone(folder / "backbone"),
    )


@pytest.fixture(scope="session")
def make_settings():
    def make(variant: str = "fine_tuned", model: dict | None = None, **training) -> PhotoClassifierSettings:
        changes = {"model": {"variant": variant, **(model or {})}, "training": training}
        return family_settings("photo_classifier", changes, "test")

    return make
