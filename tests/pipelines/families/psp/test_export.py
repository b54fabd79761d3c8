"""All tests share one export, because it is slow."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from atelier.errors import AtelierError, BadInputError
from atelier.model_card import ModelSpec
from atelier.onnx.example import example_inputs
from atelier.onnx.model import OnnxModel
from atelier.onnx.parts import open_parts, part_files
from pipelines.families.psp.attributes import Attributes
from pipelines.families.psp.export import export, model_spec
from pipelines.families.psp.training import train
from pipelines.lifecycle.contracts import ExportReport
from tests.helpers.face_sets import write_faces
from tests.helpers.training_logs import Recorder
from tests.pipelines.families.psp.conftest import COUNTS, SIZE, STAGES

ReportAndFolder = tuple[ExportReport, Path]


@pytest.fixture(scope="module")
def trained(inputs, make_settings, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(inputs, make_settings(), Recorder(), folder)
    return folder


@pytest.fixture(scope="module")
def exported(inputs, make_settings, trained, tmp_path_factory) -> ReportAndFolder:
    folder = tmp_path_factory.mktemp("exported")
    return export(inputs, make_settings(), trained, folder / "model.onnx"), folder


@pytest.fixture(scope="module")
def parts(exported) -> dict[str, OnnxModel]:
    report, folder = exported
    return open_parts(part_files(folder, report.spec.parts))


def test_files_and_networks_have_equal_outputs(exported) -> None:
    assert exported[0].parity.keys() == {"encoder", "decoder", "mapping"}
    assert all(0 <= parity < 0.1 for parity in exported[0].parity.values())
    assert exported[0].parameters > 1000


def test_the_interface_is_that_of_the_spec(exported) -> None:
    report, folder = exported
    for name, part in report.spec.parts.items():
        graph = onnx.load(folder / f"{name}.onnx").graph
        for values, tensors in ((graph.input, part.inputs), (graph.output, part.outputs)):
            assert [value.name for value in values] == [tensor.name for tensor in tensors]
            for value, tensor in zip(values, tensors, strict=True):
                sizes = [size.dim_value or "batch" for size in value.type.tensor_type.shape.dim]
                assert sizes == list(tensor.shape)
        outputs = OnnxModel(folder / f"{name}.onnx")(**example_inputs(part, {}))
        assert all(np.isfinite(values).all() for values in outputs.values())


def test_outputs_do_not_depend_on_the_batch(inputs, parts) -> None:
    faces = inputs.faces.split("test")["image"][:].astype(np.float32)
    latents = parts["encoder"](image=faces)["latents"]
    pictures = parts["decoder"](latents=latents)["picture"]
    assert pictures.shape == faces.shape
    assert 0 <= pictures.min() < pictures.max() <= 255
    for item in range(len(faces)):
        one = slice(item, item + 1)
        np.testing.assert_allclose(parts["encoder"](image=faces[one])["latents"], latents[one], atol=1e-3)
        np.testing.assert_allclose(parts["decoder"](latents=latents[one])["picture"], pictures[one], atol=0.1)


def test_samples_can_be_decoded(parts) -> None:
    latents = parts["mapping"](noise=np.ones((3, 8), np.float32))["latents"]
    assert (latents == latents[:, :1]).all()
    assert parts["decoder"](latents=latents)["picture"].shape == (3, 64, 64, 3)


def test_directions_of_the_card_fit_the_latents(inputs, exported, parts) -> None:
    report, _ = exported
    latents = parts["encoder"](image=inputs.faces.split("val")["image"][:1].astype(np.float32))["latents"]
    attributes = Attributes.of(inputs.faces, inputs.face_judges)
    assert tuple(direction.attribute for direction in report.spec.directions) == attributes.names
    for index, direction in enumerate(report.spec.directions):
        assert direction.array.shape == latents.shape[1:]
        assert np.isfinite(direction.array).all()
        assert direction.mean == pytest.approx(float(attributes.means[index]))
        assert direction.unit == ("years" if direction.attribute == "age" else "")
    restored = ModelSpec.model_validate_json(report.spec.model_dump_json())
    assert restored == report.spec


def test_a_model_that_can_edit_nothing_is_not_exported(inputs, make_settings, trained, tmp_path) -> None:
    # After some steps no direction does what it should.
    settings = make_settings({"directions": {"drop_below": 0.5}})
    with pytest.raises(AtelierError, match="No attribute of age"):
        export(inputs, settings, trained, tmp_path / "model.onnx")


def test_the_detector_is_a_part_where_faces_are_aligned_by_it(inputs, make_settings, tmp_path) -> None:
    aligned = replace(inputs, faces=write_faces(tmp_path, COUNTS, SIZE, alignment="eyes"))
    assert "detector" in model_spec(aligned, make_settings().model, ()).parts
    assert "detector" not in model_spec(inputs, make_settings().model, ()).parts


def test_an_unfinished_training_is_not_exported(inputs, make_settings, trained, tmp_path) -> None:
    longer = make_settings(stages=STAGES | {"joint": 3})
    for settings, folder in ((longer, trained), (make_settings(), tmp_path)):
        with pytest.raises(BadInputError, match="not finished"):
            export(inputs, settings, folder, tmp_path / "model.onnx")
