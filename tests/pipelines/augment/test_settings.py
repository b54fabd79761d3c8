import pytest
from omegaconf import OmegaConf
from pydantic import ValidationError

from pipelines.augment.experiment import with_overrides
from pipelines.augment.settings import AugmentSettings
from pipelines.lifecycle.families import FAMILIES
from tests.helpers.projects import ROOT

SETTINGS = {
    "classifier": "toy",
    "generator": "toy_generator",
    "sizes": [5, None],
    "seeds": [0],
    "generated": 10,
    "attempts": 2,
    "confidence": 0.5,
    "overrides": {},
    "resamples": 100,
    "seed": 0,
    "workers": 1,
    "register_challenger": False,
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sizes": []},
        {"sizes": [5, 5]},
        {"sizes": [0]},
        {"seeds": [1, 1]},
        {"confidence": 1.1},
        {"generated": 0},
        {"confidance": 0.5},
    ],
)
def test_values_that_are_not_valid_are_refused(wrong):
    AugmentSettings.model_validate(SETTINGS)
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        AugmentSettings.model_validate(SETTINGS | wrong)


@pytest.mark.parametrize("env", ["base", "small", "full", "test"])
def test_the_overrides_of_each_environment_are_settings_of_its_classifier(env):
    def read(name):
        files = [ROOT / "conf" / folder / f"parameters_{name}.yml" for folder in dict.fromkeys(["base", env])]
        merged = OmegaConf.merge(*(OmegaConf.load(file) for file in files if file.exists()))
        return OmegaConf.to_container(merged)[name]

    settings = AugmentSettings.model_validate(read("augment"))
    classifier = FAMILIES[settings.classifier].settings(read(settings.classifier))
    for seed in settings.seeds:
        assert with_overrides(classifier, settings, seed).training.seed == seed
