import json

import numpy as np

from pipelines.augment.generated_drawings import GeneratedDrawings
from pipelines.augment.tables import as_json, comparison_table, markdown
from tests.helpers.tables import as_text
from tests.pipelines.augment.conftest import LABELS, comparison

FOUND = [comparison(), comparison(None, gain=(-0.01, -0.02, 0.001), seeds_with=(0.69, 0.73))]


def test_both_tables_have_values_intervals_seeds_and_advice():
    for text in (as_text(comparison_table(FOUND, "top1")), markdown(FOUND, "top1")):
        said = " ".join(text.replace("|", " ").replace("│", " ").split())
        for part in ("71.0 (70.0 to 72.0)", "+2.1 (+1.3 to +2.9)", "+2.0 to +2.0", "use", "-1.0 to +1.0", "all"):
            assert part in said
        assert "top1" in said


def test_markdown_has_a_row_for_each_size_with_the_same_number_of_cells():
    rows = [line for line in markdown(FOUND, "top1").splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(FOUND)
    assert len({row.count("|") for row in rows}) == 1


def test_json_has_all_values_and_the_counts_of_each_label():
    generated = GeneratedDrawings(np.zeros((3, 28, 28), np.uint8), np.array([0, 0, 2]), np.array([0.5, np.nan, 1.0]))
    content = json.loads(json.dumps(as_json(FOUND, "top1", generated, LABELS), allow_nan=False))
    assert content["sizes"][0]["difference"] == {"value": 0.021, "low": 0.013, "high": 0.029}
    assert [size["effect"] for size in content["sizes"]] == ["help", "unclear"]
    assert content["generated"]["dark"] == {"agreement": 0.5, "kept": 2}
    assert content["generated"]["grey"] == {"agreement": None, "kept": 0}
