"""`kedro run --pipelines augment`: do generated drawings help the classifier?"""

from kedro.pipeline import Node, Pipeline

from pipelines.augment.nodes import augment
from pipelines.lifecycle.families import all_catalog_entries


def create_pipeline() -> Pipeline:
    """One node; which classifier it trains is a parameter, so it is handed every data set, unopened."""
    inputs = {
        "settings": "params:augment",
        "parameters": "parameters",
        "tuned": "tuned",
        "registry": "registry",
        "folder": "augment.folder",
        **all_catalog_entries(),
    }
    return Pipeline([Node(augment, inputs, None, name="augment")])
