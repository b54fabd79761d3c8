"""Search for a family's best hyper-parameters and save them for its next training."""

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
from pipelines.tune.plan import Plan, study_name
from pipelines.tune.tables import best_first, best_trials_table, drawn, importances, importances_table
from pipelines.tune.tuned import write_tuned
from pipelines.tune.workers import run_study, study_lock


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

    The study goes on as long as parameters, data and the family's code are the same; else a new one is begun.

    Raises
    ------
    BadInputError
        Before the first trial: when there is no such family, or its search space leads to settings it cannot have.
    AtelierError
        When a trial fails, or all were pruned.
    """
    chosen = families.family(family)
    if trials < 1 or workers < 1:
        raise BadInputError(f"Give trials and workers of at least 1, not trials={trials}, workers={workers}.")
    settings = chosen.settings(parameters[family])
    check_space(settings, settings.tuning)
    base = apply(settings, settings.tuning.overrides)
    inputs = chosen.inputs(available)
    name = study_name(job_key(family, base, inputs), settings.tuning)
    place, label = folder / family / name, {"mlflow.runName": f"tuning {name}"}
    # The lock first: a second search must not take up the run of the first.
    with study_lock(place) as lock, open_run(registry.uri, f"atelier/{family}", f"tune/{name}", label) as run:
        plan = Plan(
            study=name,
            package=chosen.package,
            settings=base.model_dump(mode="json"),
            tuning=settings.tuning,
            data={dataset: prepared.folder for dataset, prepared in inputs.named().items()},
            trials=trials,
            workers=workers,
            tracking_uri=registry.uri,
            run_id=run.run_id,
            storage=folder / family / "tuning.db",
        )
        run.describe(plan.settings, inputs.manifests())
        study = search(family, plan, place, lock)
        found = conclude(run, plan, study)
    write_tuned(tuned_file, family, best_first(study)[0].params, found)
    show(study, plan)
    _say(f"{found}\nSaved in {tuned_file}. Train: kedro run --env {tuned_file.parent.name} --pipelines {family}")


def search(family: str, plan: Plan, place: Path, lock: Lock) -> optuna.Study:
    """Bring the study to its number of trials, with a line for each that finishes."""
    _say(f"Study {plan.study} of {family}: {plan.trials} trials, {plan.workers} workers; logs in {place}")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return run_study(plan, place, lock, lambda trial: _say(sentence(trial, plan)))


def conclude(run: Run, plan: Plan, study: optuna.Study) -> str:
    """Log what the study found, and say it in a line.

    Raises
    ------
    AtelierError
        When no trial ran to its end.
    """
    complete = best_first(study)
    pruned = len(study.get_trials(deepcopy=False, states=(TrialState.PRUNED,)))
    if not complete:
        raise AtelierError(f"All {pruned} trials were pruned. Prune later (tuning.pruning) or ask for more trials.")
    best = complete[0]
    run.log({f"best_{plan.tuning.metric}": best.value}, step=len(complete) + pruned)
    table = [{"trial": trial.number, "value": trial.value, **trial.params} for trial in complete]
    run.log_tables({"trials.json": table, "importances.json": importances(study)})
    return (
        f"study {plan.study}, best of {len(complete)} complete and {pruned} pruned trials: number {best.number}, "
        f"{plan.tuning.metric} = {best.value:.6g}, MLflow run {run.run_id}"
    )


def show(study: optuna.Study, plan: Plan) -> None:
    """Print the best trials, and which parameters made the difference."""
    console = Console()
    console.print(best_trials_table(study, plan.tuning))
    shares = importances(study)
    console.print(importances_table(shares) if shares else "Too few different results to tell what mattered.")


def sentence(trial: FrozenTrial, plan: Plan) -> str:
    """What is printed when a trial has finished."""
    pruned = trial.state == TrialState.PRUNED
    last = trial.intermediate_values.get(trial.last_step or 0, float("nan"))
    how = f"pruned in epoch {trial.last_step} at" if pruned else "ended with"
    return f"  trial {trial.number} {how} {plan.tuning.metric} {last:.5g}: {drawn(trial)}"


def _say(line: str) -> None:
    Console(soft_wrap=True, highlight=False).print(line)
