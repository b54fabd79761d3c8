"""`kedro run --pipelines tune --params family=quickdraw_classifier,trials=20,workers=2`."""

from kedro.pipeline import Node, Pipeline

from pipelines.folders import with_paths
from pipelines.lifecycle.families import all_catalog_entries
from pipelines.tune.nodes import tune


def create_pipeline() -> Pipeline:
    """One node. The family is a parameter, so the node gets every data set; none is read before it is used."""
    inputs = {
        "family": "params:family",
        "trials": "params:trials",
        "workers": "params:workers",
        "parameters": "parameters",
        "registry": "registry",
        "folder": "params:folders.tuning",
        "tuned_file": "tuned_file",
        **all_catalog_entries(),
    }
    return Pipeline([Node(with_paths(tune), inputs, None, name="tune")])
