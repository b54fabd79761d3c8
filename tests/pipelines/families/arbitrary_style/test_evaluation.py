import pytest

from atelier.onnx.model import OnnxModel
from pipelines.families.arbitrary_style.evaluation import evaluate
from tests.helpers.stylizer_champions import arbitrary_model, arbitrary_spec


def model() -> OnnxModel:
    """A model that transfers the mean color and the contrast of a painting."""
    return OnnxModel(arbitrary_model().SerializeToString())


@pytest.fixture(scope="module")
def evaluation(inputs, make_settings):
    return evaluate(inputs, model(), arbitrary_spec(), make_settings())


def hexadecimal(inputs, name, count):
    return {f"{item:016x}" for item in getattr(inputs, name).split("test")["id"][:count].tolist()}


def test_test_photos_are_stylized_with_every_test_painting(inputs, evaluation) -> None:
    rows = evaluation.tables["pairs.json"]
    photos = hexadecimal(inputs, "coco", 3)
    paintings = hexadecimal(inputs, "van_gogh", 2)
    assert {(row["photo"], row["painting"]) for row in rows} == {(p, q) for p in photos for q in paintings}
    assert evaluation.items["style"].shape == (len(photos) * len(paintings),)


def test_color_transfer_lowers_the_style_distance(evaluation) -> None:
    metrics = evaluation.metrics
    assert metrics["style"].value < metrics["untouched_style"].value
    assert metrics["content"].value > 0


def test_the_cost_is_measured(evaluation) -> None:
    cost = evaluation.tables["cost.json"]
    assert [row["size"] for row in cost["latency"]] == [64]
    assert cost["peak_memory_mb"] > 0
