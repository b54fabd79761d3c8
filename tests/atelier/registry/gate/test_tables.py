import pytest
from rich.table import Table

from atelier.model_card import Metric
from atelier.registry.gate.tables import as_text, with_interval


@pytest.mark.parametrize(
    ("metric", "sign", "text"),
    [
        (None, "", ""),
        (Metric(value=0.5, low=0.5, high=0.5), "", "0.5000"),
        (Metric(value=0.5, low=0.4, high=0.6), "", "0.5000 (0.4000 to 0.6000)"),
        (Metric(value=0.05, low=-0.1, high=0.2), "+", "+0.0500 (-0.1000 to +0.2000)"),
    ],
)
def test_a_value_with_its_interval(metric, sign, text):
    assert with_interval(metric, sign) == text


def test_a_table_as_text_without_colours_and_trailing_blanks():
    table = Table("head", title="[red]Title[/red]")
    table.add_row("x" * 100)
    text = as_text(table)
    assert "\x1b" not in text
    assert "x" * 100 in text
    assert all(line == line.rstrip() for line in text.splitlines())
