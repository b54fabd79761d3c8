import io

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from atelier.errors import BadInputError
from atelier.evaluation.classification.predict import BATCH
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_classifier.evaluation import evaluate
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs
from tests.helpers.family_settings import family_settings
from tests.helpers.prepared_data import write_prepared

PICTURES = {"confusion.png", "most_confused.png", "reliability.png", "per_class_f1.png", "worst_mistakes.png"}
SETTINGS = family_settings("quickdraw_classifier", {"evaluation": {"resamples": 50, "worst": 4}})


def brightest_row_model(labels):
    """A model with the classifier's interface that predicts class `k` when row `k` of the image is the brightest."""
    weight = np.zeros((784, labels), np.float32)
    for label in range(labels):
        weight[28 * label : 28 * (label + 1), label] = 1 / 28 / 40
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 28, 28])
    output = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", labels])
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["float"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weight"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(nodes, "rows", [image], [output], [numpy_helper.from_array(weight, "weight")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return OnnxModel(model.SerializeToString())


def make_inputs(folder, rows, truth, labels):
    """Inputs with a test split in which row `rows[i]` of drawing `i` is bright."""
    images = np.zeros((len(rows), 28, 28), np.uint8)
    images[np.arange(len(rows)), rows] = 240
    test = {
        "image": images,
        "label": np.asarray(truth, np.uint16),
        "id": np.arange(100, 100 + len(rows), dtype=np.uint64),
    }
    return ClassifierInputs(write_prepared(folder / "prepared", tuple(labels), {"test": test}))


def spec(*labels):
    return ModelSpec.single(inputs=(), outputs=(), labels=labels, intended_use="", limits="")


def test_evaluation_of_the_onnx_file(tmp_path):
    rows = np.arange(BATCH + 90) % 3
    truth = np.where(np.arange(len(rows)) < 30, (rows + 1) % 3, rows)
    evaluation = evaluate(make_inputs(tmp_path, rows, truth, "abc"), brightest_row_model(3), spec(*"abc"), SETTINGS)
    assert evaluation.metrics["top1"].value == pytest.approx(1 - 30 / len(rows))
    assert set(evaluation.metrics) == {"top1", "top3", "map3", "macro_f1", "ece"}
    assert set(evaluation.items) == {"top1", "top3", "map3"}
    assert evaluation.item_ids.dtype == np.uint64
    assert evaluation.item_ids.tolist() == list(range(100, 100 + len(rows)))
    assert set(evaluation.pictures) == PICTURES
    for png in evaluation.pictures.values():
        Image.open(io.BytesIO(png)).load()


def test_labels_are_matched_by_name(tmp_path):
    rows = np.arange(40) % 2
    inputs = make_inputs(tmp_path, rows, 1 - rows, ["a", "b"])
    evaluation = evaluate(inputs, brightest_row_model(2), spec("b", "a"), SETTINGS)
    assert evaluation.metrics["top1"].value == 1


def test_a_champion_that_lacks_a_class_and_knows_another(tmp_path):
    rows = np.array([0, 1, 0, 1])
    inputs = make_inputs(tmp_path, rows, [0, 1, 2, 2], ["a", "b", "new"])
    evaluation = evaluate(inputs, brightest_row_model(3), spec("a", "b", "old"), SETTINGS)
    assert evaluation.items["top1"].tolist() == [1, 1, 0, 0]
    assert evaluation.items["map3"].tolist() == [1, 1, 0, 0]


def test_worst_mistakes_with_and_without_mistakes(tmp_path):
    rows = np.arange(20) % 2
    correct = evaluate(make_inputs(tmp_path, rows, rows, "ab"), brightest_row_model(2), spec(*"ab"), SETTINGS)
    wrong = evaluate(make_inputs(tmp_path, rows, 1 - rows, "ab"), brightest_row_model(2), spec(*"ab"), SETTINGS)
    sizes = [Image.open(io.BytesIO(e.pictures["worst_mistakes.png"])).size for e in (correct, wrong)]
    assert sizes[0][1] < 140 < sizes[1][1]
    assert sizes[1][0] == 10 + 4 * 150


def test_an_empty_test_split_is_refused(tmp_path):
    inputs = make_inputs(tmp_path, np.zeros(0, int), [], "ab")
    with pytest.raises(BadInputError, match="test split"):
        evaluate(inputs, brightest_row_model(2), spec(*"ab"), SETTINGS)


def test_the_fraction_of_drawings_for_which_the_model_is_unsure(tmp_path):
    inputs, model = make_inputs(tmp_path, [0, 1, 2, 2], [0, 1, 2, 2], "abc"), brightest_row_model(3)
    highest = model(image=inputs.quickdraw.split("test")["image"][:])["probabilities"].max(axis=1)
    for threshold, unsure in ((0.0, 0.0), (float(highest.max()) + 1e-6, 1.0)):
        found = evaluate(inputs, model, spec(*"abc").model_copy(update={"unsure_below": threshold}), SETTINGS)
        assert found.metrics["unsure"].value == unsure
