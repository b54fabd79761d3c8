import re
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest
import yaml

from pipelines.lifecycle.families import FAMILIES
from pipelines.pipeline_registry import register_pipelines
from tests.helpers.projects import ROOT


def test_every_family_has_the_same_node_names() -> None:
    pipelines = register_pipelines()
    for name in FAMILIES:
        steps = [node.name for node in pipelines[name].nodes]
        assert steps == [f"{name}.{step}" for step in ("start", "train", "export", "evaluate", "register")]


def test_the_default_pipeline_runs_from_fetch_to_package() -> None:
    names = [node.name for node in register_pipelines()["__default__"].nodes]
    order = [
        "fetch.quickdraw",
        "prepare.quickdraw",
        "quickdraw_classifier.train",
        "promote.quickdraw_classifier",
        "package",
    ]
    assert sorted(order, key=names.index) == order


def test_the_default_pipeline_fetches_only_what_a_family_uses() -> None:
    nodes = register_pipelines()["__default__"].nodes
    fetched = {node.name.removeprefix("fetch.") for node in nodes if node.name.startswith("fetch.")}
    assert fetched == {name for family in FAMILIES.values() for name in family.catalog_entries}
    assert "fetch.coco" in [node.name for node in register_pipelines()["fetch"].nodes]


def test_the_tag_of_a_family_selects_everything_that_leads_to_its_service() -> None:
    names = [node.name for node in register_pipelines()["__default__"].only_nodes_with_tags("quickdraw_gan").nodes]
    data = ["fetch.quickdraw", "prepare.quickdraw"]
    lifecycles = [
        node.name for name in ("quickdraw_classifier", "quickdraw_gan") for node in register_pipelines()[name].nodes
    ]
    gates = ["promote.quickdraw_classifier", "promote.quickdraw_gan"]
    assert sorted(names) == sorted([*data, *lifecycles, *gates, "package"])


def test_building_all_pipelines_loads_no_training_framework_and_makes_kedro_warn_of_nothing() -> None:
    program = (
        "import sys; from pipelines.pipeline_registry import register_pipelines as r;"
        "list(r().values()); print(*{'torch', 'tensorflow', 'lightning', 'mlflow', 'bentoml'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_layers_of_data_sets_have_an_order() -> None:
    """Kedro-Viz shows no layers where two of them depend on each other."""
    entries = yaml.safe_load((ROOT / "conf/base/catalog.yml").read_text())
    layer_of = {
        re.compile(re.sub(r"\{\w+\}", r"\\w+", name)): entry["metadata"]["kedro-viz"]["layer"]
        for name, entry in entries.items()
        if "metadata" in entry
    }
    pipeline = register_pipelines()["__default__"]
    layers = {
        name: next((layer for each, layer in layer_of.items() if each.fullmatch(name)), None)
        for name in pipeline.datasets()
    }
    order = TopologicalSorter()
    for name in filter(layers.get, layers):
        before = {layers[each] for each in pipeline.to_outputs(name).datasets()} - {layers[name], None}
        order.add(layers[name], *before)
    assert next(iter(order.static_order())) == "raw"


def test_an_unknown_pipeline_is_an_error_that_names_the_nearest_one() -> None:
    with pytest.raises(SystemExit, match="promote"):
        register_pipelines()["promte"]
    assert "promte" not in register_pipelines()
