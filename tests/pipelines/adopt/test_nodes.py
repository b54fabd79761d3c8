"""From the file of somebody else to the champion of a family."""

import re

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from atelier.registry.status import status
from pipelines.adopt.nodes import adopt
from pipelines.adopt.pipeline import create_pipeline
from pipelines.lifecycle.families import FAMILIES
from pipelines.promote.nodes import promote
from tests.helpers.family_settings import family_parameters

FAMILY = "quickdraw_classifier"
PARAMETERS = {
    FAMILY: family_parameters(FAMILY, environment="test"),
    "quickdraw_gan": family_parameters("quickdraw_gan"),
}


@pytest.fixture
def run(registry, quickdraw, labels, tmp_path):
    def run(onnx, labels=labels, name=None, family=FAMILY, pixels=None):
        inputs = {"quickdraw": quickdraw}
        adopt(family, onnx, labels, name, pixels, PARAMETERS, registry, tmp_path / "adopted", **inputs)

    return run


def test_a_keras_model_is_adapted_and_becomes_challenger(run, registry: Registry, quickdraw, keras_file, capsys):
    run(keras_file, name="notebook of March")
    printed = capsys.readouterr().out
    for expected in (
        r"Names: pixels becomes image, \S+ becomes probabilities",
        "Layout: it takes 28 x 28 pixels, gray levels, NHWC, the family's images are 28 x 28 pixels, gray levels, NHW;",
        "Type: it takes float32, the family's images are uint8",
        "Batch: it takes batches of 1 only",
        "Range: it takes 0 to 1, the family's images are 0 to 255",
        "Scores: it returns logits",
        "Output features: it has none",
        "registered as challenger",
    ):
        assert re.search(expected, printed), printed
    version = registry.get(FAMILY, "challenger")
    card = registry.card(version)
    assert card.lineage.adopted.sentence() == f"adopted from {card.lineage.adopted.sha256}, notebook of March"
    assert (card.lineage.data, card.lineage.git_commit) == ({}, "unknown")
    assert card.metrics["top1"].value > 0.9
    assert card.parity["model"] < 1e-5
    images = quickdraw.split("test")["image"][:5]
    outputs = OnnxModel(registry.onnx(version)["model"])(image=images)
    assert outputs["probabilities"].shape == (5, 3)
    assert outputs["features"].shape == (5, 32)
    np.testing.assert_allclose(outputs["probabilities"].sum(1), 1, rtol=1e-5)
    assert registry.client.get_run(version.run_id).data.tags["atelier.adopted"] == card.lineage.adopted.sentence()


def test_a_torch_model_goes_through_the_gate(run, registry: Registry, quickdraw, torch_file, capsys):
    run(torch_file)
    printed = capsys.readouterr().out
    assert "gray levels, NCHW" in printed
    assert "Range: it takes 0 to 1" in printed
    assert "Scores:" not in printed
    assert "Batch:" not in printed
    verdict = promote(FAMILY)(registry, PARAMETERS[FAMILY], None, quickdraw=quickdraw, quickdraw_raw=None)
    assert verdict["promote"], verdict["reasons"]
    champion = status(registry, FAMILY).champion
    assert registry.card(champion).lineage.adopted.name == "colleague.onnx"
    run(torch_file)
    assert "It was registered before, and the gate has decided: v1 is promoted." in capsys.readouterr().out
    assert status(registry, FAMILY).champion.number == champion.number
    assert registry.client.get_run(champion.run_id).info.run_name.startswith("v1 champion (top1 ")


def test_the_same_file_is_the_same_version(run, registry: Registry, torch_file):
    run(torch_file)
    run(torch_file, name="again")
    assert [version.number for version in registry.history(FAMILY)] == [1]


def test_other_weights_in_a_file_beside_the_graph_are_another_model(run, registry: Registry, torch_file, tmp_path):
    proto, hashes = onnx.load(torch_file), []
    weights = max(proto.graph.initializer, key=lambda each: len(each.raw_data))
    for folder in ("first", "second"):
        path = tmp_path / folder / "model.onnx"
        path.parent.mkdir()
        weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) * np.float32(0.9), weights.name))
        copied = onnx.ModelProto.FromString(proto.SerializeToString())  # saving takes the weights out of the model
        onnx.save(copied, path, save_as_external_data=True, location="model.data")
        run(path)
        hashes.append(registry.card(registry.get(FAMILY, "challenger")).lineage.adopted.sha256)
    graphs = [(tmp_path / folder / "model.onnx").read_bytes() for folder in ("first", "second")]
    assert graphs[0] == graphs[1]
    assert hashes[0] != hashes[1]
    assert len(list((tmp_path / "adopted" / FAMILY).iterdir())) == 2
    path.with_name("model.data").unlink()
    with pytest.raises(BadInputError, match=r"no file .*model\.data\. Put it there"):
        run(path)


def test_a_range_that_is_given_is_not_measured(run, registry: Registry, torch_file, capsys):
    run(torch_file, pixels="-1 to 1")
    assert "Range: it takes -1 to 1, the family's images are 0 to 255; converted in the graph. As given." in (
        capsys.readouterr().out
    )
    with pytest.raises(BadInputError, match=r"no range '0 to 2'.*0 to 255; 0 to 1"):
        run(torch_file, pixels="0 to 2")


def test_another_range_is_another_version_and_leaves_the_results_of_the_first(run, registry: Registry, torch_file):
    run(torch_file)
    first = registry.get(FAMILY, "challenger")
    before = registry.card(first)
    run(torch_file, pixels="-1 to 1")
    second = registry.get(FAMILY, "challenger")
    assert (first.number, second.number) == (1, 2)
    assert first.run_id != second.run_id
    assert registry.card(registry.version(FAMILY, 1)) == before


def test_corrected_labels_are_another_version(run, registry: Registry, torch_file, tmp_path):
    (tmp_path / "wrong.txt").write_text("cross\nbox\nbar\n")
    run(torch_file, tmp_path / "wrong.txt")
    run(torch_file)
    first, second = (registry.card(registry.version(FAMILY, number)) for number in (1, 2))
    assert second.metrics["top1"].value > first.metrics["top1"].value
    assert second.spec.labels == ("bar", "box", "cross")


def test_labels_in_another_order_and_spelling_are_matched(run, registry: Registry, torch_file, tmp_path, capsys):
    (tmp_path / "other.txt").write_text("Bar\nbox\nplus\n")
    run(torch_file, tmp_path / "other.txt")
    printed = capsys.readouterr().out
    assert "spelled differently (Bar is bar)" in printed
    assert "does not have plus" in printed
    assert "does not know cross" in printed
    card = registry.card(registry.get(FAMILY, "challenger"))
    assert card.spec.labels == ("bar", "box", "plus")
    assert 0.5 < card.metrics["top1"].value < 0.8  # a third of the test items is of the class that it does not know


def test_a_byte_order_mark_is_no_part_of_a_label(run, registry: Registry, torch_file, labels, tmp_path):
    marked = tmp_path / "marked.txt"
    marked.write_bytes(b"\xef\xbb\xbf" + labels.read_bytes())
    run(torch_file, marked)
    assert registry.card(registry.get(FAMILY, "challenger")).spec.labels == tuple(labels.read_text().split())


def test_a_family_without_a_contract_says_that_it_cannot_adopt(run, torch_file):
    with pytest.raises(BadInputError, match=r"quickdraw_gan cannot adopt models.*contract"):
        run(torch_file, family="quickdraw_gan")


def test_what_cannot_be_adopted_is_an_error_that_says_what_to_change(run, registry: Registry, tmp_path, torch_file):
    (tmp_path / "text.onnx").write_text("no model")
    (tmp_path / "two.txt").write_text("bar\nbox\n")
    (tmp_path / "foreign.txt").write_text("a\nb\nc\n")
    (tmp_path / "latin.txt").write_bytes("bär\nbox\ncross\n".encode("latin-1"))
    for file, labels, message in (
        (None, None, "onnx=path/model.onnx"),
        (tmp_path / "absent.onnx", None, "no file .*absent.onnx"),
        (tmp_path / "text.onnx", None, "not an ONNX model"),
        (torch_file, None, "No labels are given"),
        (torch_file, tmp_path / "two.txt", "2 labels, the model has 3 outputs"),
        (torch_file, tmp_path / "foreign.txt", "none of the labels"),
        (torch_file, tmp_path / "latin.txt", "not text in UTF-8"),
    ):
        with pytest.raises(BadInputError, match=message):
            run(file, labels)
    with pytest.raises(BadInputError, match="quickdraw_classifier"):
        run(torch_file, family="quickdraw_clasifier")
    assert registry.history(FAMILY) == []


def test_the_pipeline_gets_the_data_of_every_family():
    inputs = create_pipeline().inputs()
    assert {"params:onnx", "params:labels", "params:name", "params:folders.adopted", "registry"} <= inputs
    assert {entry for family in FAMILIES.values() for entry in family.catalog_entries.values()} <= inputs
