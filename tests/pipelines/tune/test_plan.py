from pipelines.lifecycle.tuning import TuningSettings
from pipelines.tune.plan import Plan, study_name


def test_a_plan_comes_back_from_its_folder_and_the_next_takes_its_place(plan_of, tmp_path):
    folder = tmp_path / "new" / "study"
    plan_of(trials=4).write(folder)
    assert Plan.read(folder) == plan_of(trials=4)
    plan_of(trials=9).write(folder)
    assert Plan.read(folder).trials == 9
    assert [path.name for path in folder.iterdir()] == ["plan.json"]


def test_settings_are_those_of_the_family_s_training(plan_of):
    assert plan_of(settings={"training": {"epochs": 7}}).family_settings.training.epochs == 7


def test_a_study_s_name_stands_for_what_a_trial_s_value_depends_on(plan_of):
    def name(job="job", **changes):
        tuning = plan_of().tuning.model_dump() | changes
        return study_name(job, TuningSettings.model_validate(tuning))

    other_space = {"training.x": {"kind": "float", "low": 0, "high": 1}}
    assert name() == name(heartbeat_s=60)
    assert len({name(), name(job="other"), name(seed=1), name(space=other_space)}) == 4
