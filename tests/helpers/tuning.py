"""Tuning settings for tests."""

from typing import Any

from pipelines.lifecycle.tuning import TuningSettings

VALUES = {
    "metric": "value",
    "direction": "maximize",
    "space": {"training.x": {"kind": "float", "low": -10, "high": 10}},
    "overrides": {},
    "startup_trials": 3,
    "pruning": {"kind": "none"},
    "heartbeat_s": 1,
    "seed": 0,
}


def make_tuning(**changes: Any) -> TuningSettings:
    """Valid tuning settings, with some values changed."""
    return TuningSettings.model_validate(VALUES | changes)
