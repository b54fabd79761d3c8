"""Search for the best hyper-parameters of a family, and save them for its next training."""

from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console

from atelier.errors import AtelierError, BadInputError
from atelier.registry.models import Registry
from atelier.registry.tracking.run import Run, open_run
from atelier.settings import apply
from pipelines.lifecycle import families
from pipelines.lifecycle.contracts import TrainingInput
from pipelines.lifecycle.job import job_key
from pipelines.lifecycle.tuning import check_space
from pipelines.processes.locks import Lock
from pipelines.tune.study_spec import StudySpec, study_name
from pipelines.tune.tables import best_first, best_trials_table, importances, importances_table, params_as_text
from pipelines.tune.tuned import write_tuned
from pipelines.tune.workers import run_study, study_lock

_PATIENCE_S = 30.0


def tune(
    family: str,
    trials: int,
    workers: int,
    parameters: dict[str, Any],
    registry: Registry,
    folder: Path,
    tuned_file: Path,
    **available: TrainingInput,
) -> None:
    """Bring the family's study to `trials` finished trials and write the best values to `tuned_file`.

    With the same parameters, data and code of the family, the study of an earlier run is continued; otherwise a new
    study is begun.

    Raises
    ------
    BadInputError
        Before the first trial: when there is no such family, or its search space contains settings that are not valid.
    AtelierError
        When a trial fails, or all were pruned.
    """
    entry = families.family(family)
    if trials < 1 or workers < 1:
        raise BadInputError(f"Give trials and workers of at least 1, not trials={trials}, workers={workers}.")
    settings = entry.settings(parameters[family])
    check_space(settings, settings.tuning)
    base = apply(settings, settings.tuning.overrides)
    inputs = entry.inputs(available)
    name = study_name(job_key(family, base, inputs), settings.tuning)
    study_folder, tags = folder / family / name, {"mlflow.runName": f"tuning {name}"}
    # The lock comes first: a second search must not reopen the MLflow run of the first.
    with (
        study_lock(study_folder, family) as lock,
        open_run(registry.uri, registry.experiment(family), f"tune/{name}", tags) as run,
    ):
        spec = StudySpec(
            study=name,
            package=entry.package,
            settings=base.model_dump(mode="json"),
            tuning=settings.tuning,
            data={dataset: prepared.folder for dataset, prepared in inputs.named().items()},
            trials=trials,
            workers=workers,
            tracking_uri=registry.uri,
            run_id=run.run_id,
            storage=folder / family / "tuning.db",
        )
        run.describe(spec.settings, inputs.manifests())
        study = search(family, spec, study_folder, lock)
        summary = log_results(run, spec, study)
    with Lock(folder / "tuned.lock", f"{tuned_file} is being written", _PATIENCE_S):
        write_tuned(tuned_file, family, best_first(study)[0].params, summary)
    print_results(study, spec)
    _print(f"{summary}\nSaved in {tuned_file}. Train: kedro run --env {tuned_file.parent.name} --pipelines {family}")


def search(family: str, spec: StudySpec, folder: Path, lock: Lock) -> optuna.Study:
    """Bring the study to its number of trials, and print a line for each one that finishes."""
    _print(f"Study {spec.study} of {family}: {spec.trials} trials, {spec.workers} workers; logs in {folder}")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return run_study(spec, folder, lock, lambda trial: _print(trial_as_text(trial, spec)))


def log_results(run: Run, spec: StudySpec, study: optuna.Study) -> str:
    """Log the results of the study to MLflow.

    Returns
    -------
    str
        A summary, in one line.

    Raises
    ------
    AtelierError
        When all trials were pruned.
    """
    complete = best_first(study)
    pruned = len(study.get_trials(deepcopy=False, states=(TrialState.PRUNED,)))
    if not complete:
        raise AtelierError(f"All {pruned} trials were pruned. Prune later (tuning.pruning) or ask for more trials.")
    best = complete[0]
    run.log({f"best_{spec.tuning.metric}": best.value}, step=len(complete) + pruned)
    table = [{"trial": trial.number, "value": trial.value, **trial.params} for trial in complete]
    run.log_tables({"trials.json": table, "importances.json": importances(study)})
    return (
        f"study {spec.study}, best of {len(complete)} complete and {pruned} pruned trials: number {best.number}, "
        f"{spec.tuning.metric} = {best.value:.6g}, MLflow run {run.run_id}"
    )


def print_results(study: optuna.Study, spec: StudySpec) -> None:
    """Print the best trials and the importance of each parameter."""
    console = Console()
    console.print(best_trials_table(study, spec.tuning))
    found = importances(study)
    console.print(importances_table(found) if found else "Too few different values to compute importances.")


def trial_as_text(trial: FrozenTrial, spec: StudySpec) -> str:
    """One line about a finished trial."""
    pruned = trial.state == TrialState.PRUNED
    last = trial.intermediate_values.get(trial.last_step or 0, float("nan"))
    how = f"pruned in epoch {trial.last_step} at" if pruned else "finished with"
    return f"  trial {trial.number} {how} {spec.tuning.metric} {last:.5g}: {params_as_text(trial)}"


def _print(text: str) -> None:
    Console(soft_wrap=True, highlight=False).print(text)
