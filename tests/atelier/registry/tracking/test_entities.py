import json

from atelier.registry.tracking.entities import dataset_input, params
from tests.helpers.registries import manifest


def test_parameters_have_dotted_names_and_fit():
    found = {
        param.key: param.value for param in params({"a": {"b": {"c": 1}, "long": ["x" * 10_000]}, "text": "as it is"})
    }
    assert found["a.b.c"] == "1"
    assert found["text"] == "as it is"
    assert len(found["a.long"]) == 6000


def test_a_data_set_says_where_it_is_from_and_what_is_in_it():
    made = manifest().model_copy(update={"licence": "x" * 1000})
    found = dataset_input("points", made)
    tags = {tag.key: tag.value for tag in found.tags}
    assert json.loads(found.dataset.source) == {"uri": made.source.address, "dvc": made.raw_hash}
    assert json.loads(found.dataset.profile) == {"counts": made.counts, "rejected": made.rejected}
    assert tags["test.hash"] == made.split_hashes["test"]
    assert len(tags["licence"]) == 500
