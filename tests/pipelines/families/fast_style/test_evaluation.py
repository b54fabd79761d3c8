from dataclasses import replace

import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from pipelines.families.fast_style.evaluation import evaluate
from tests.helpers.image_sets import write_image_set
from tests.helpers.stylizer_champions import fast_model, fast_spec

PAINTINGS = {"sea": "020001", "moon": "020002"}
"""The model of `tests.helpers.stylizer_champions` knows the first style, but not the second."""


@pytest.fixture(scope="module")
def evaluation(inputs, make_settings):
    settings = make_settings(styles={"paintings": PAINTINGS})
    return evaluate(inputs, OnnxModel(fast_model().SerializeToString()), fast_spec(), settings)


def rows(evaluation, name):
    return [row for row in evaluation.tables["pairs.json"] if row["style_name"] == name]


def test_test_photos_are_stylized_in_every_style(inputs, evaluation) -> None:
    photos = {f"{item:016x}" for item in inputs.coco.split("test")["id"][:2].tolist()}
    for name in PAINTINGS:
        assert {row["photo"] for row in rows(evaluation, name)} == photos
        assert all(row["painting"].startswith(PAINTINGS[name]) for row in rows(evaluation, name))
    assert evaluation.items["style"].shape == (4,)


def test_an_unknown_style_leaves_the_photo_unchanged(evaluation) -> None:
    assert all(row["content"] > 0.1 for row in rows(evaluation, "sea"))
    for row in rows(evaluation, "moon"):
        assert row["content"] == 0
        assert row["style"] == row["untouched_style"]


def test_the_cost_is_measured(evaluation) -> None:
    cost = evaluation.tables["cost.json"]
    assert [row["size"] for row in cost["latency"]] == [64]
    assert cost["peak_memory_mb"] > 0


def test_results_depend_on_the_photos_only(inputs, make_settings, evaluation, tmp_path) -> None:
    settings = make_settings(styles={"paintings": PAINTINGS})
    model = OnnxModel(fast_model().SerializeToString())
    again = evaluate(inputs, model, fast_spec(), settings)
    assert again.metrics == evaluation.metrics
    assert (again.item_ids == evaluation.item_ids).all()
    other_inputs = replace(inputs, coco=write_image_set(tmp_path / "coco", seed=5))
    other = evaluate(other_inputs, model, fast_spec(), settings)
    assert not np.isin(other.item_ids, evaluation.item_ids).any()
    assert other.metrics["style"] != evaluation.metrics["style"]


def test_too_few_paintings_are_an_error(inputs, make_settings) -> None:
    model = OnnxModel(fast_model().SerializeToString())
    with pytest.raises(BadInputError, match=r"styles\.count"):
        evaluate(inputs, model, fast_spec(), make_settings(styles={"count": 99}))
