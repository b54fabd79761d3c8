"""Nothing is written outside the project's folders, neither by the service nor by what it starts."""

from pathlib import Path

import pytest

from tests.helpers.projects import home_folder
from tests.helpers.service_requests import CLASSIFY_DRAWING, GENERATE_DRAWING, LINE, line_image
from tests.helpers.serving import serving

pytestmark = pytest.mark.system


def test_a_served_request_writes_nothing_into_the_home_folder(home: Path, tmp_path: Path) -> None:
    person, here = tmp_path / "person", tmp_path / "here"
    here.mkdir()
    with serving(home, "atelier.service.service:Atelier", cwd=here, **home_folder(person)) as service:
        assert service.post(CLASSIFY_DRAWING, json={"strokes": LINE}).status_code == 200
        assert service.post(CLASSIFY_DRAWING, files={"image": ("line.png", line_image())}).status_code == 200
        assert service.post(GENERATE_DRAWING, json={"label": "house"}).status_code == 200
        photo = {"image": ("photo.png", line_image()), "style": ("style.png", line_image())}
        assert service.post("/stylize_with", files=photo).status_code == 200
    written = [path for folder in (person, here) for path in folder.rglob("*") if path.is_file()]
    assert [str(path.relative_to(tmp_path)) for path in written] == []
