import pytest

from atelier.onnx.model import OnnxModel
from pipelines.families.arbitrary_style.evaluation import evaluate
from tests.helpers.stylizer_champions import arbitrary_model, arbitrary_spec


def model() -> OnnxModel:
    """Gives a photo the mean color and the contrast of a painting."""
    return OnnxModel(arbitrary_model().SerializeToString())


@pytest.fixture(scope="module")
def found(inputs, make_settings):
    return evaluate(inputs, model(), arbitrary_spec(), make_settings())


def hexadecimal(inputs, name, count):
    return {f"{item:016x}" for item in getattr(inputs, name).split("test")["id"][:count].tolist()}


def test_every_test_photo_is_painted_in_the_manner_of_every_test_painting(inputs, found) -> None:
    rows = found.tables["pairs.json"]
    photos = hexadecimal(inputs, "coco", 3)
    paintings = hexadecimal(inputs, "van_gogh", 2)
    assert {(row["photo"], row["painting"]) for row in rows} == {(p, q) for p in photos for q in paintings}
    assert found.items["style"].shape == (len(photos) * len(paintings),)


def test_taking_on_colors_lowers_the_style_distance(found) -> None:
    metrics = found.metrics
    assert metrics["style"].value < metrics["untouched_style"].value
    assert metrics["content"].value > 0


def test_the_cost_is_measured(found) -> None:
    cost = found.tables["cost.json"]
    assert [row["size"] for row in cost["latency"]] == [64]
    assert cost["peak_memory_mb"] > 0
