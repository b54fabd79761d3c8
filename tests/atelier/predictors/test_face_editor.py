import numpy as np
import pytest

from atelier.errors import AtelierError, BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.face_editor import BATCH, FaceEditor
from tests.helpers.face_sets import LAYERS, LinearEditor, write_faces


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    data = write_faces(tmp_path_factory.mktemp("faces"))
    return LinearEditor(data), data.split("test")["image"][:]


@pytest.fixture
def editor(linear) -> FaceEditor:
    parts = {part: OnnxModel(model.SerializeToString()) for part, model in linear[0].models.items()}
    return FaceEditor(parts["encoder"], parts["decoder"], linear[0].spec)


def test_faces_survive_encoding_in_batches_of_any_number(editor, linear) -> None:
    for count in (1, BATCH, BATCH + 3):
        faces = linear[1][:count]
        latents = editor.encode(faces)
        assert latents.shape == (count, LAYERS, 15)
        assert np.abs(editor.decode(latents).astype(int) - faces).mean() < 10


def test_an_edit_moves_along_its_direction_and_changes_no_given_latents(editor, linear) -> None:
    latents = editor.encode(linear[1][:3])
    before = latents.copy()
    moved = editor.edit(latents, {"age": 1.5, "smile": -1.0})
    age, smile = (next(each.array for each in editor.attributes if each.attribute == name) for name in ("age", "smile"))
    assert np.allclose(moved - latents, 1.5 * age - smile, atol=1e-3)
    assert np.array_equal(latents, before)
    assert np.array_equal(editor.edit(latents, {"age": 0.0}), latents)


def test_changes_are_clamped_to_what_was_measured_to_work(editor) -> None:
    assert editor.clamp({"age": 9.0, "smile": -9.0, "gender": 1.0}) == {"age": 2.0, "smile": -2.5, "gender": 1.0}


def test_an_attribute_that_the_model_does_not_know(editor, linear) -> None:
    with pytest.raises(BadInputError, match=r"cannot change 'aeg'\. Did you mean age"):
        editor.edit(editor.encode(linear[1][:1]), {"aeg": 1.0})


def test_latents_of_another_model(editor) -> None:
    with pytest.raises(BadInputError, match="takes latents"):
        editor.decode(np.zeros((1, LAYERS, 3), np.float32))


def test_a_network_that_diverged(editor) -> None:
    with pytest.raises(AtelierError, match="NaN or infinity"):
        editor.decode(np.full((1, LAYERS, 15), np.nan, np.float32))
