"""`kedro run --pipelines augment`: do generated drawings help the classifier?"""

from kedro.pipeline import Node, Pipeline

from pipelines.augment.nodes import augment
from pipelines.folders import with_paths
from pipelines.lifecycle.families import all_catalog_entries


def create_pipeline() -> Pipeline:
    """One node. The classifier is a parameter, so the node gets every data set; none is read before it is used."""
    inputs = {
        "settings": "params:augment",
        "parameters": "parameters",
        "tuned": "tuned",
        "registry": "registry",
        "folder": "params:folders.augment",
        **all_catalog_entries(),
    }
    return Pipeline([Node(with_paths(augment), inputs, None, name="augment")])
