import subprocess
import sys

import numpy as np
import pytest

from atelier.onnx.model import OnnxModel
from pipelines.arbitrary_style.evaluation import gallery
from pipelines.arbitrary_style.nodes import evaluate
from tests.galleries import write_gallery
from tests.stylizers import arbitrary_model, arbitrary_spec


def model() -> OnnxModel:
    """It gives a photo the mean colour and the contrast of a painting."""
    return OnnxModel(arbitrary_model().SerializeToString())


@pytest.fixture(scope="module")
def found(handles, make_settings):
    return evaluate(**handles, model=model(), spec=arbitrary_spec(), settings=make_settings())


def hexadecimal(handles, name, count):
    return {f"{item:016x}" for item in handles[name].split("test")["id"][:count].tolist()}


def test_photos_of_both_kinds_are_painted_in_the_manner_of_every_painting(handles, found) -> None:
    rows = found.tables["pairs.json"]
    photos = hexadecimal(handles, "coco", 2) | hexadecimal(handles, "landscapes", 1)
    paintings = hexadecimal(handles, "van_gogh", 2)
    assert {(row["photo"], row["painting"]) for row in rows} == {(p, q) for p in photos for q in paintings}
    assert found.items["style"].shape == (6,)


def test_a_model_that_takes_on_colours_comes_nearer_to_the_paintings(found) -> None:
    metrics = found.metrics
    assert metrics["style"].value < metrics["untouched_style"].value
    assert metrics["content"].value > 0


def test_the_cost_is_measured(found) -> None:
    cost = found.tables["cost.json"]
    assert [row["size"] for row in cost["latency"]] == [64]
    assert cost["peak_memory_mb"] > 0


def test_a_gallery_takes_items_in_turn_until_there_are_none(handles, tmp_path) -> None:
    few = write_gallery(tmp_path / "few", seed=7, counts={"train": 1, "val": 1, "test": 1})
    many = handles["coco"]
    mixed = gallery((few, many), 9, 32)
    expected = np.concatenate([few.split("test")["id"][:], many.split("test")["id"][:]])
    assert mixed.ids.tolist() == expected.tolist()
    assert gallery((few, many), 2, 32).ids.tolist() == expected[:2].tolist()


def test_evaluation_loads_no_training_framework() -> None:
    code = (
        "import sys, pipelines.arbitrary_style.evaluation; "
        "assert not {'torch', 'lightning', 'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
