from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.lifecycle import code_hash as module
from pipelines.lifecycle.code_hash import code_hash

FILES = {
    "family/__init__.py": "",
    "family/training.py": (
        "from .shared import schedule\nimport numpy\n\ndef train():\n    return schedule.schedule(1)\n"
    ),
    "family/shared/__init__.py": "",
    "family/shared/schedule.py": '"""About it."""\n\ndef schedule(x):\n    """Double."""\n    return 2 * x\n',
    "family/evaluation.py": "def evaluate():\n    return 1\n",
}


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The hash of `family.training` after a replacement in one of the files."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def hash_with(file: str = "", old: str = "", new: str = "", of: str = "family.training") -> str:
        for name, text in FILES.items():
            (tmp_path / name).write_text(text.replace(old, new) if name == file and old else text)
        module._read.cache_clear()
        module._file.cache_clear()
        return code_hash(of)

    return hash_with


def test_code_that_computes_changes_it(changed: Callable[..., str]) -> None:
    assert changed("family/training.py", "schedule(1)", "schedule(2)") != changed()


def test_code_that_is_imported_changes_it(changed: Callable[..., str]) -> None:
    assert changed("family/shared/schedule.py", "2 * x", "3 * x") != changed()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Double.", "Twice."),
        ("About it.", "About the schedule."),
        ("    return", "    # why\n    return"),
        ("2 * x", "2  *  x"),
    ],
)
def test_comments_docstrings_and_formatting_do_not(changed: Callable[..., str], old: str, new: str) -> None:
    assert changed("family/shared/schedule.py", old, new) == changed()


def test_code_that_is_not_imported_does_not(changed: Callable[..., str]) -> None:
    assert changed("family/evaluation.py", "return 1", "return 2") == changed()


def test_the_version_of_a_library_that_computes_changes_it(
    changed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = changed()
    monkeypatch.setattr(module, "version", lambda name: "0.1")
    assert changed() != before


def test_a_module_that_does_not_exist_is_an_error(changed: Callable[..., str]) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"family\.missing"):
        changed(of="family.missing")


def test_the_code_of_a_family_includes_what_it_shares_with_others() -> None:
    found, libraries = module._closure(["pipelines.families.fast_style.training"], {"atelier", "pipelines"})
    assert {"pipelines.training.on_tensorflow.trainer", "pipelines.training.style_transfer"} <= found.keys()
    assert not [name for name in found if name.startswith(("pipelines.training.on_torch", "pipelines.lifecycle"))]
    assert {"tensorflow", "keras"} <= libraries
