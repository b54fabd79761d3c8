import yaml

from atelier.registry.card_page import card_page
from tests.helpers.registries import FAMILY, add_adopted, card, evaluation


def test_the_page_has_metadata_for_model_hubs_and_the_whole_card():
    page = card_page(card("run7", dict(evaluation(150).metrics)))
    _, metadata, text = page.split("---\n", 2)
    found = yaml.safe_load(metadata)
    (result,) = found["model-index"][0]["results"]
    assert {"type": "top1", "value": 0.75} in result["metrics"]
    assert found["license_name"] == "CC BY 4.0"
    for part in ("| top1 | 0.7500 (", "| model | x | float32 |", "Run `run7`", "## Intended use", "CC BY 4.0 |"):
        assert part in text


def test_the_page_of_an_adopted_model_says_where_it_is_from(registry, tmp_path):
    version = add_adopted(registry, tmp_path, "notebook.onnx")
    assert f"Trained elsewhere: adopted from {'5' * 64}, notebook.onnx." in card_page(registry.card(version))


def test_a_version_has_its_page_beside_its_card(versions):
    run_id = versions.version(FAMILY, 1).run_id
    assert "README.md" in {file.path for file in versions.client.list_artifacts(run_id)}
