"""`kedro run --pipelines tune --params family=quickdraw_classifier,trials=20,workers=2`."""

from kedro.pipeline import Node, Pipeline

from pipelines.lifecycle.families import all_catalog_entries
from pipelines.tune.nodes import tune


def create_pipeline() -> Pipeline:
    """One node; which family it tunes is a parameter, so it is handed every data set: opening one costs nothing."""
    inputs = {
        "family": "params:family",
        "trials": "params:trials",
        "workers": "params:workers",
        "parameters": "parameters",
        "registry": "registry",
        "folder": "tuning.folder",
        "tuned_file": "tuned_file",
        **all_catalog_entries(),
    }
    return Pipeline([Node(tune, inputs, None, name="tune")])
