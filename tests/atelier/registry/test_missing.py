import shutil

import pytest

from atelier.registry.missing import MissingRunError, UnreadableArtifactsError
from tests.helpers.registries import FAMILY, TEST_HASH, remove_run


@pytest.mark.parametrize("read", ["card", "evaluation", "onnx"])
def test_of_a_version_whose_run_was_deleted_nothing_can_be_read(versions, read):
    version = versions.version(FAMILY, 2)
    shutil.rmtree(versions.onnx(version)["model"].parent)
    remove_run(versions, 2)
    arguments = (TEST_HASH,) if read == "evaluation" else ()
    with pytest.raises(MissingRunError, match=rf"{FAMILY} v2 is registered, but its run {version.run_id}"):
        getattr(versions, read)(version, *arguments)
    assert not versions.is_complete(version)
    assert versions.is_complete(versions.version(FAMILY, 1))


@pytest.mark.parametrize("read", ["card", "onnx"])
def test_absent_files_of_a_run_that_exists_are_no_sign_that_it_was_deleted(versions, read):
    version = versions.version(FAMILY, 2)
    shutil.rmtree(versions.onnx(version)["model"].parent)
    shutil.rmtree(versions.client.get_run(version.run_id).info.artifact_uri.removeprefix("file://"))
    with pytest.raises(UnreadableArtifactsError, match=rf"Cannot read the artifacts of {FAMILY} v2 at .*mounting"):
        getattr(versions, read)(version)
    with pytest.raises(UnreadableArtifactsError):
        versions.is_complete(version)


def test_a_run_that_is_marked_as_deleted_and_has_no_files_counts_as_deleted(versions):
    version = versions.version(FAMILY, 2)
    shutil.rmtree(versions.client.get_run(version.run_id).info.artifact_uri.removeprefix("file://"))
    versions.client.delete_run(version.run_id)
    assert not versions.is_complete(version)


@pytest.mark.parametrize(
    ("alias", "advice"),
    [
        ("champion", "For a new champion: kedro run --pipelines doubler,promote"),
        ("previous", r"Remove its alias \(previous\) in MLflow"),
        (None, r"as they were\. Name other versions\."),
    ],
)
def test_a_new_training_is_advised_only_where_it_replaces_the_lost_version(versions, alias, advice):
    version = versions.version(FAMILY, 2)
    if alias:
        versions.set_alias(version, alias)
    remove_run(versions, 2)
    with pytest.raises(MissingRunError, match=advice) as raised:
        versions.card(version)
    assert ("kedro run" in str(raised.value)) == (alias == "champion")
