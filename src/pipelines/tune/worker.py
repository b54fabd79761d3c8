"""A worker process of a study, started by `crew`: `python -m pipelines.tune.worker <folder> <number> <parent>`."""

import shutil
import signal
import sys
from pathlib import Path

import optuna

from atelier.errors import AtelierError
from atelier.registry.tracking.run import attach
from pipelines.processes.locks import end_with_parent
from pipelines.tune.plan import Plan
from pipelines.tune.study import open_study, work
from pipelines.tune.trial import origin, run_trial


def run_worker(folder: Path, number: int) -> None:
    """Work on the study in `folder` until it has all its trials."""
    plan = Plan.read(folder)
    study_run = attach(plan.tracking_uri, plan.run_id)

    def objective(trial: optuna.Trial) -> float:
        checkpoints = folder / "trials" / f"{origin(trial):03d}"
        checkpoints.mkdir(parents=True, exist_ok=True)
        try:
            value = run_trial(trial, plan, study_run, checkpoints)
        except optuna.TrialPruned:
            shutil.rmtree(checkpoints)
            raise
        shutil.rmtree(checkpoints)
        return value

    study = open_study(plan.storage, plan.study, plan.tuning)
    work(study, plan.tuning, plan.trials, number, objective, folder / "claim.lock")


def main(folder: str, number: str, parent: str) -> None:
    """Entry of the process; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(int(parent))
    try:
        run_worker(Path(folder), int(number))
    except AtelierError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
