"""Two networks from elsewhere, a painter and its way back, become a version of CycleGAN."""

import re
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.translator import Translator
from atelier.registry.models import Registry
from atelier.registry.status import status
from pipelines.adopt.nodes import adopt
from pipelines.promote.nodes import promote
from tests.helpers.backbones import write_backbone
from tests.helpers.family_settings import family_parameters
from tests.helpers.foreign_translators import export_torch_translator, save_keras_translator
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.translator_champions import blurring_model

FAMILY = "cyclegan_resnet"
PARAMETERS = {FAMILY: family_parameters(FAMILY, environment="test")}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adopt_translators")
    return {
        "landscapes": write_image_set(folder / "landscapes", seed=1),
        "van_gogh": write_image_set(folder / "van_gogh", seed=2),
        "perceptual": write_perceptual(folder / "perceptual", "random"),
        "backbone": write_backbone(folder / "backbone"),
    }


@pytest.fixture(scope="module")
def foreign(tmp_path_factory) -> Path:
    """A folder with the painter, from PyTorch, and the way back, from Keras."""
    folder = tmp_path_factory.mktemp("colleague")
    export_torch_translator(folder / "to_painting.onnx")
    save_keras_translator(folder / "to_photo.keras")
    return folder


@pytest.fixture
def run(registry, inputs, tmp_path):
    def run(folder, labels=None, pixels=None):
        adopt(FAMILY, folder, labels, None, pixels, PARAMETERS, registry, tmp_path / "adopted", **inputs)

    return run


@pytest.fixture
def folder(foreign, tmp_path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(foreign, tmp_path / "folder"))


def test_both_parts_are_adapted_and_go_through_the_gate(run, registry: Registry, inputs, foreign, capsys) -> None:
    run(foreign)
    printed = capsys.readouterr().out
    for expected in (
        "to_painting: Names: photo becomes image, painting becomes picture",
        r"to_painting: Layout: it takes any x any pixels, RGB, NCHW, the family's images are .* NHWC",
        "to_painting: Batch: it takes batches of 1 only",
        "to_painting: Size: it takes multiples of 4 pixels; padded and cropped in the graph",
        "to_painting: Range: it takes -1 to 1, .*Loss on 4 images: with -1 to 1 0",
        "to_painting: Range: it returns -1 to 1",
        "to_photo: Range: it takes 0 to 1",
        "to_photo: Range: it returns 0 to 1",
        "registered as challenger",
    ):
        assert re.search(expected, printed), printed
    assert "to_photo: Size" not in printed
    version = registry.get(FAMILY, "challenger")
    card = registry.card(version)
    assert card.lineage.adopted.name == foreign.name
    assert card.parity.keys() == {"to_painting", "to_photo"}
    assert max(card.parity.values()) < 0.01
    assert card.metrics["content"].value < 0.5
    verdict = promote(FAMILY)(registry, PARAMETERS[FAMILY], None, **inputs, landscapes_raw=None, van_gogh_raw=None)
    assert verdict["promote"] == (status(registry, FAMILY).champion is not None)
    assert not [reason for reason in verdict["reasons"] if "parity" in reason]


def test_the_adapted_painter_is_the_file_as_it_came(run, registry: Registry, foreign) -> None:
    run(foreign)
    version = registry.get(FAMILY, "challenger")
    painter = Translator(OnnxModel(registry.onnx(version)["to_painting"]), registry.card(version).spec.preprocessing)
    image = np.random.default_rng(0).integers(0, 256, (37, 50, 3), dtype=np.uint8)
    padded = np.pad(image, [(0, 3), (0, 2), (0, 0)], mode="reflect").astype(np.float32) / 127.5 - 1
    expected = OnnxModel(foreign / "to_painting.onnx")(photo=padded.transpose(2, 0, 1)[None])["painting"]
    expected = (expected[0].transpose(1, 2, 0)[:37, :50] + 1) * 127.5
    assert np.abs(painter(image).astype(float) - expected).max() < 0.51


def test_images_smaller_than_the_multiple_are_padded(run, registry: Registry, foreign) -> None:
    run(foreign)
    painter = OnnxModel(registry.onnx(registry.get(FAMILY, "challenger"))["to_painting"])
    assert painter(image=np.zeros((2, 2, 3, 3), np.float32))["picture"].shape == (2, 2, 3, 3)


def test_the_same_files_are_the_same_version(run, registry: Registry, foreign, folder) -> None:
    run(foreign)
    run(folder)
    assert [version.number for version in registry.history(FAMILY)] == [1]
    export_torch_translator(folder / "to_painting.onnx", shift=0.2)
    run(folder)
    assert len(registry.history(FAMILY)) == 2


def test_a_range_that_is_given_is_not_measured(run, registry: Registry, foreign, capsys) -> None:
    run(foreign, pixels="0 to 1")
    assert (
        "to_painting: Range: it takes 0 to 1, the family's images are 0 to 255; converted in the graph. As given."
        in (capsys.readouterr().out)
    )
    with pytest.raises(BadInputError, match=r"no range '0 to 1 dark on light'.*0 to 255; 0 to 1; -1 to 1\."):
        run(foreign, pixels="0 to 1 dark on light")


def test_a_network_without_limits_whose_range_cannot_be_told_needs_it_by_name(run, registry: Registry, folder) -> None:
    """It adds to its input, so that its output follows whatever range it gets."""
    export_torch_translator(folder / "to_painting.onnx", limited=False)
    with pytest.raises(BadInputError, match=r"cannot be told: it returns whatever range it gets.*range=…"):
        run(folder)
    run(folder, pixels="-1 to 1")
    painter = OnnxModel(registry.onnx(registry.get(FAMILY, "challenger"))["to_painting"])
    gray = np.full((1, 8, 8, 3), 100, np.float32)
    assert painter(image=gray)["picture"].mean() - 100 == pytest.approx(0.1 * 127.5, abs=4)


def test_a_fixed_batch_of_several_is_adopted(run, registry: Registry, folder) -> None:
    export_torch_translator(folder / "to_painting.onnx", batch=3)
    run(folder)
    assert registry.card(registry.get(FAMILY, "challenger")).parity["to_painting"] < 0.01


def test_what_cannot_be_adopted_is_an_error_that_says_what_to_change(run, registry: Registry, folder) -> None:
    def painter(write) -> None:
        (folder / "to_painting.onnx").unlink(missing_ok=True)
        write(folder / "to_painting.onnx")

    with pytest.raises(BadInputError, match=r"Leave out labels"):
        run(folder, labels="labels.txt")
    for write, message in (
        (lambda path: None, r"parts to_painting, to_photo.*folder has no to_painting\.onnx"),
        (lambda path: path.write_text("no model"), "not an ONNX model"),
        (lambda path: export_torch_translator(path, size=64), "dynamic height and width"),
        (lambda path: onnx.save(_gray(), path), r"shape \(batch, height, width, 1\), which is no batch of RGB images"),
        (
            lambda path: onnx.save(_two_pictures(), path),
            r"several outputs that are images: rebuilt, painted.*name it picture",
        ),
        (lambda path: onnx.save(_half(), path), r"as large as those that it gets.*picture \("),
    ):
        painter(write)
        with pytest.raises(BadInputError, match=message):
            run(folder)
    (folder / "to_photo.onnx").write_bytes(b"")
    painter(lambda path: export_torch_translator(path))
    with pytest.raises(BadInputError, match=r"two files of one part: to_photo\.keras, to_photo\.onnx"):
        run(folder)
    with pytest.raises(BadInputError, match=r"has no to_painting\.onnx, to_photo\.onnx"):
        run(folder / "to_photo.keras")
    assert registry.history(FAMILY) == []


def _gray() -> onnx.ModelProto:
    model = blurring_model(1)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[3].dim_value = 1
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(np.ones((1, 1, 3, 3), np.float32), "kernel"))
    model.graph.node[1].attribute[0].i = 1
    return model


def _two_pictures() -> onnx.ModelProto:
    model = blurring_model(1)
    model.graph.node[-1].output[0] = model.graph.output[0].name = "rebuilt"
    model.graph.node.append(onnx.helper.make_node("Identity", ["rebuilt"], ["painted"]))
    model.graph.output.append(onnx.ValueInfoProto.FromString(model.graph.output[0].SerializeToString()))
    model.graph.output[1].name = "painted"
    return model


def _half() -> onnx.ModelProto:
    """Pictures of half the size."""
    model = blurring_model(1)
    model.graph.node[1].attribute.append(onnx.helper.make_attribute("strides", [2, 2]))
    for axis, name in ((1, "half_height"), (2, "half_width")):
        model.graph.output[0].type.tensor_type.shape.dim[axis].dim_param = name
    return model
