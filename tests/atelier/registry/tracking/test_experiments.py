import pytest

from atelier.errors import AtelierError
from atelier.registry.models import Registry
from atelier.registry.tracking.experiments import existing_id, experiment_id
from atelier.registry.tracking.run import open_run

NAME = "atelier/doubler"


@pytest.fixture
def deleted(registry):
    number = experiment_id(registry.client, registry.uri, NAME)
    registry.client.delete_experiment(number)
    return number


def test_an_experiment_is_created_once(registry):
    assert existing_id(registry.client, registry.uri, NAME) is None
    number = experiment_id(registry.client, registry.uri, NAME)
    assert (
        experiment_id(registry.client, registry.uri, NAME) == number == existing_id(registry.client, registry.uri, NAME)
    )


def test_a_deleted_experiment_is_a_sentence_that_says_how_to_restore_it(registry, deleted):
    with pytest.raises(AtelierError, match=f"was deleted in .*mlflow experiments restore -x {deleted}"):
        open_run(registry.uri, NAME, "key")
    registry.client.restore_experiment(deleted)
    assert open_run(registry.uri, NAME, "key").experiment_id == deleted


def test_it_is_found_before_a_training_without_loading_mlflow(registry, deleted):
    class Unreachable(Registry):
        @property
        def client(self):
            raise AssertionError("MLflow was used")

    with pytest.raises(AtelierError, match=f"restore -x {deleted}"):
        Unreachable(registry.uri).check(NAME)
    Unreachable(registry.uri).check("atelier/another")


def test_a_database_that_does_not_exist_or_has_no_tables_is_fine(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path}/mlflow.db")
    registry.check(NAME)
    assert not (tmp_path / "mlflow.db").exists()
    (tmp_path / "mlflow.db").touch()
    registry.check(NAME)
