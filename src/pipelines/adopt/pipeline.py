"""`kedro run --pipelines adopt --params family=quickdraw_classifier,onnx=path/model.onnx,labels=path/labels.txt`."""

from kedro.pipeline import Node, Pipeline

from pipelines.adopt.nodes import adopt
from pipelines.folders import with_paths
from pipelines.lifecycle.families import all_catalog_entries


def create_pipeline() -> Pipeline:
    """One node. The family is a parameter, so the node gets every data set; none is read before it is used."""
    inputs = {
        "family": "params:family",
        "onnx": "params:onnx",
        "labels": "params:labels",
        "name": "params:name",
        "pixels": "params:range",
        "parameters": "parameters",
        "registry": "registry",
        "folder": "params:folders.adopted",
        **all_catalog_entries(),
    }
    return Pipeline([Node(with_paths(adopt), inputs, None, name="adopt")])
