"""Kedro's project settings."""

from omegaconf.resolvers import oc

from pipelines.context import AtelierContext
from pipelines.hooks import HOOKS

__all__ = ["CONFIG_LOADER_ARGS", "CONTEXT_CLASS", "DISABLE_HOOKS_FOR_PLUGINS", "HOOKS"]

CONTEXT_CLASS = AtelierContext
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "base",
    # Soft: an environment that sets one key keeps the base's neighbours of it.
    "merge_strategy": {"parameters": "soft", "globals": "soft"},
    "config_patterns": {"globals": ["globals*", "mlflow*"]},
    # Kedro allows oc.env in credentials only; ours are addresses, not secrets.
    "custom_resolvers": {"oc.env": oc.env},
}
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry",)
