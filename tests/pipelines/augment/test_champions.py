import pytest

from atelier.errors import AtelierError
from pipelines.augment.champions import champion
from tests.helpers.registries import FAMILY


def test_a_champion_brings_its_file_and_its_card(versions):
    versions.set_alias(versions.version(FAMILY, 2), "champion")
    found = champion(versions, FAMILY)
    assert found.version == f"{FAMILY} v2"
    assert found.spec.parts["model"].inputs[0].name == "x"
    assert found.model().outputs == ("y",)
    versions.set_alias(versions.version(FAMILY, 3), "champion")
    assert champion(versions, FAMILY).hash != found.hash


def test_without_a_champion_the_command_that_makes_one_is_named(versions):
    with pytest.raises(AtelierError, match=rf"champion of {FAMILY}.*kedro run --pipelines {FAMILY},promote"):
        champion(versions, FAMILY)
