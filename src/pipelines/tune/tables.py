"""What a study found, as tables to print."""

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState
from rich.table import Table

from pipelines.lifecycle.tuning import TuningSettings


def best_first(study: optuna.Study) -> list[FrozenTrial]:
    """Complete trials, the best first; of equal ones the earlier."""
    sign = -1 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return sorted(trials, key=lambda trial: (sign * trial.value, trial.number))


def importances(study: optuna.Study) -> dict[str, float]:
    """Dotted path → share of the differences between good and bad trials that it explains.

    PED-ANOVA (Watanabe et al. 2023, arXiv:2304.10255). Empty with fewer than two complete trials or one value only.
    """
    complete = best_first(study)
    if len({trial.value for trial in complete}) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        found: dict[str, float] = optuna.importance.get_param_importances(study)
    return found


def best_trials_table(study: optuna.Study, tuning: TuningSettings, rows: int = 5) -> Table:
    """The best complete trials with what they tried."""
    table = Table(title=f"Best trials by {tuning.metric} ({tuning.direction})", title_justify="left")
    for heading in ("trial", tuning.metric, *tuning.space):
        table.add_column(heading.replace(".", ".\n"), justify="right", overflow="fold", vertical="bottom")
    for trial in best_first(study)[:rows]:
        tried = (_text(trial.params[path]) for path in tuning.space)
        table.add_row(str(trial.number), f"{trial.value:.5g}", *tried)
    return table


def importances_table(shares: Mapping[str, float]) -> Table:
    """Which parameters mattered, the first most."""
    table = Table("parameter", "importance", title="What made the difference", title_justify="left")
    for path, share in sorted(shares.items(), key=lambda item: -item[1]):
        table.add_row(path, f"{share:.0%}")
    return table


def drawn(trial: FrozenTrial) -> str:
    """What a trial tries, in a line."""
    return ", ".join(f"{path} = {_text(value)}" for path, value in trial.params.items())


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
