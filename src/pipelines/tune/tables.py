"""The results of a study, as tables to print."""

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState
from rich.table import Table

from pipelines.lifecycle.tuning import TuningSettings


def best_first(study: optuna.Study) -> list[FrozenTrial]:
    """Complete trials, the best first; of equal ones the earlier first."""
    sign = -1 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return sorted(trials, key=lambda trial: (sign * trial.value, trial.number))


def importances(study: optuna.Study) -> dict[str, float]:
    """Dotted path → importance: the share of the differences between trials that the parameter explains.

    PED-ANOVA (Watanabe et al. 2023, arXiv:2304.10255). Empty when there are no two complete trials with different
    values.
    """
    complete = best_first(study)
    if len({trial.value for trial in complete}) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        found: dict[str, float] = optuna.importance.get_param_importances(study)
    return found


def best_trials_table(study: optuna.Study, tuning: TuningSettings, rows: int = 5) -> Table:
    """The best complete trials with their parameters."""
    table = Table(title=f"Best trials by {tuning.metric} ({tuning.direction})", title_justify="left")
    for heading in ("trial", tuning.metric, *tuning.space):
        table.add_column(heading.replace(".", ".\n"), justify="right", overflow="fold", vertical="bottom")
    for trial in best_first(study)[:rows]:
        values = (_as_text(trial.params[path]) for path in tuning.space)
        table.add_row(str(trial.number), f"{trial.value:.5g}", *values)
    return table


def importances_table(values: Mapping[str, float]) -> Table:
    """The importance of each parameter, the highest first."""
    table = Table("parameter", "importance", title="Importance of the parameters", title_justify="left")
    for path, value in sorted(values.items(), key=lambda item: -item[1]):
        table.add_row(path, f"{value:.0%}")
    return table


def params_as_text(trial: FrozenTrial) -> str:
    """The parameters of a trial, in one line."""
    return ", ".join(f"{path} = {_as_text(value)}" for path, value in trial.params.items())


def _as_text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
