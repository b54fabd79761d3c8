import subprocess
from importlib.metadata import version

import pytest

from atelier.registry.tracking.lineage import UNKNOWN_COMMIT, environment, git_state, machine, test_hash, trace
from tests.helpers.registries import manifest

test_hash.__test__ = False


@pytest.fixture
def repository(tmp_path):
    def git(*arguments):
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "code.py").write_text("1")
    git("add", "code.py")
    git("commit", "-m", "first")
    return tmp_path


def test_a_clean_repository_has_a_commit(repository):
    commit, dirty = git_state(repository)
    assert len(commit) == 40
    assert not dirty


def test_an_edited_file_is_a_change(repository):
    (repository / "code.py").write_text("2")
    assert git_state(repository)[1]
    assert trace("run", "atelier/x", {}, git=git_state(repository)).git_commit.endswith("-dirty")


@pytest.mark.parametrize(
    ("name", "dirty"), [("notes.txt", False), ("src/module.py", True), ("conf/base/new.yml", True)]
)
def test_a_new_file_is_a_change_where_a_run_may_read_it(repository, name, dirty):
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).write_text("x")
    assert git_state(repository)[1] == dirty


def test_outside_a_repository_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state(tmp_path) == (UNKNOWN_COMMIT, True)
    assert trace("run", "atelier/x", {}, git=git_state(tmp_path)).git_commit == UNKNOWN_COMMIT


def test_the_commit_of_another_project_s_repository_is_not_named(repository):
    (repository / "project").mkdir()
    assert git_state(repository / "project") == (UNKNOWN_COMMIT, True)


def test_the_environment_pins_what_is_installed():
    lines = environment().splitlines()
    assert f"numpy=={version('numpy')}" in lines
    assert lines == sorted(lines, key=str.lower)
    assert int(machine()["machine.cores"]) >= 1


def test_lineage_names_the_data_by_its_hashes():
    found = trace("run", "atelier/x", {"points": manifest()}, {"critic": "3"})
    assert found.data == {"points": manifest().content_hash}
    assert found.raw == {"points": manifest().raw_hash}
    assert found.sources == {"points": "sample"}
    assert found.licences == {"points": "CC BY 4.0"}
    assert found.judges == {"critic": "3"}
    assert found.created.endswith("+00:00")


def test_the_test_hash_follows_the_items_whatever_their_order():
    assert test_hash({"a.test": "1"}, {}, {}) != test_hash({"a.test": "2"}, {}, {})
    assert test_hash({"a.test": "1", "b.test": "2"}, {}, {}) == test_hash({"b.test": "2", "a.test": "1"}, {}, {})


def test_the_test_hash_follows_the_judges():
    data = {"points.test": "1"}
    hashes = [test_hash(data, judges, {}) for judges in ({}, {"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": "1"})]
    assert len(set(hashes)) == len(hashes)
    assert test_hash(data, {"b": "1", "a": "1"}, {}) == hashes[-1]


def test_the_test_hash_follows_the_settings_of_the_evaluation():
    data = {"points.test": "1"}
    one, other = (test_hash(data, {}, {"evaluation": {"samples": samples}}) for samples in (1, 2))
    assert len({one, other, test_hash(data, {}, {})}) == 3
