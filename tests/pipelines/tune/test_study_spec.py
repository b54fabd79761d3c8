from pipelines.tune.study_spec import StudySpec, study_name
from tests.helpers.tuning import make_tuning


def test_a_spec_is_read_from_its_folder_and_replaced_by_the_next(make_study_spec, tmp_path):
    folder = tmp_path / "new" / "study"
    make_study_spec(trials=4).write(folder)
    assert StudySpec.read(folder) == make_study_spec(trials=4)
    make_study_spec(trials=9).write(folder)
    assert StudySpec.read(folder).trials == 9
    assert [path.name for path in folder.iterdir()] == ["study.json"]


def test_settings_have_the_type_that_the_family_trains_with(make_study_spec):
    spec = make_study_spec(settings={"training": {"epochs": 7}})
    assert spec.family.settings(spec.settings).training.epochs == 7


def test_the_name_of_a_study_depends_on_what_changes_the_value_of_a_trial():
    def name(job="job", **changes):
        return study_name(job, make_tuning(**changes))

    other_space = {"training.x": {"kind": "float", "low": 0, "high": 1}}
    assert name() == name(heartbeat_s=60)
    assert len({name(), name(job="other"), name(seed=1), name(space=other_space)}) == 4
