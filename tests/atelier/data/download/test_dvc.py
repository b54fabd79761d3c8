import subprocess
import sys

import pytest

from atelier.data.download import dvc
from atelier.data.download.dvc import dvc_hash, pull_if_absent


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    for name in ("b", "a", "B", "é b.txt", "sub/z", "sub-2"):
        (folder / name).write_text(name)
    return folder


def test_hash_of_a_known_folder(folder):
    assert dvc_hash(folder) == dvc_hash(folder)
    before = dvc_hash(folder)
    (folder / "b").rename(folder / "c")
    assert dvc_hash(folder) != before


@pytest.mark.system
def test_hash_is_the_one_that_dvc_records(folder):
    for command in (["init", "-q", "--no-scm"], ["add", "-q", "raw"]):
        subprocess.run([sys.executable, "-m", "dvc", *command], cwd=folder.parent, check=True)
    assert dvc_hash(folder) in (folder.parent / "raw.dvc").read_text()


@pytest.mark.system
def test_absent_folder_is_pulled(folder):
    project, remote = folder.parent, folder.parent / "remote"
    for command in (
        ["init", "-q", "--no-scm"],
        ["remote", "add", "-q", "-d", "store", str(remote)],
        ["add", "-q", "raw"],
        ["push", "-q"],
    ):
        subprocess.run([sys.executable, "-m", "dvc", *command], cwd=project, check=True)
    before = dvc_hash(folder)
    subprocess.run(["rm", "-rf", "raw", ".dvc/cache"], cwd=project, check=True)
    assert pull_if_absent(folder, project)
    assert dvc_hash(folder) == before


def test_nothing_is_pulled_without_need_or_remote(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(dvc.subprocess, "run", lambda *_, **__: pytest.fail("dvc was called"))
    assert pull_if_absent(folder, tmp_path)
    (tmp_path / "dvc.lock").write_text("stages:\n  fetch:\n    outs:\n    - path: data/raw\n")
    assert not pull_if_absent(folder.with_name("other"), tmp_path)


def test_a_failed_pull_is_logged_and_returns_false(tmp_path, monkeypatch, caplog):

    (tmp_path / "dvc.lock").write_text("stages:\n  fetch:\n    outs:\n    - path: data/raw\n")
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("['remote \"store\"']\n    url = /nowhere\n")
    failed = subprocess.CompletedProcess([], 1, "", "no such remote")
    monkeypatch.setattr(dvc.subprocess, "run", lambda *_, **__: failed)
    assert not pull_if_absent(tmp_path / "data/raw", tmp_path)
    assert "no such remote" in caplog.text
