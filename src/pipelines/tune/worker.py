"""What a worker process of a study does: one trial after another."""

import shutil
from pathlib import Path

import optuna

from atelier.registry.tracking.run import attach
from pipelines.tune.study import open_study, run_trials
from pipelines.tune.study_spec import StudySpec
from pipelines.tune.trial import first_attempt, run_trial


def run_worker(folder: str, number: str) -> None:
    """Run trials of the study in `folder` until it is complete; `number` is that of the worker.

    The checkpoints of a trial are removed when it has finished. A trial that is repeated after a kill resumes from
    those of its first attempt.
    """
    place = Path(folder)
    spec = StudySpec.read(place)
    study_run = attach(spec.tracking_uri, spec.run_id)

    def objective(trial: optuna.Trial) -> float:
        checkpoints = place / "trials" / f"{first_attempt(trial):03d}"
        checkpoints.mkdir(parents=True, exist_ok=True)
        try:
            value = run_trial(trial, spec, study_run, checkpoints)
        except optuna.TrialPruned:
            shutil.rmtree(checkpoints)
            raise
        shutil.rmtree(checkpoints)
        return value

    study = open_study(spec.storage, spec.study, spec.tuning)
    run_trials(study, spec.tuning, spec.trials, int(number), objective, place / "next_trial.lock")
