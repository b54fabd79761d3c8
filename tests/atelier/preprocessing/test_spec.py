import pytest

from atelier.preprocessing.spec import PhotoInput


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_how_a_photo_becomes_square_is_kept(fit: str) -> None:
    written = PhotoInput(size=(8, 8), fit=fit).model_dump_json()
    assert PhotoInput.model_validate_json(written).fit == fit


def test_the_text_of_a_cropped_photo_is_that_of_before_which_hashes_contain() -> None:
    written = PhotoInput(size=(8, 8)).model_dump_json()
    assert written == '{"kind":"photo","size":[8,8],"reach":null,"multiple":1}'
