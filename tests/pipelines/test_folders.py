from pathlib import Path

from pipelines.folders import with_paths


def test_a_node_gets_paths_for_text_and_the_rest_as_it_is():
    def node(folder, reports, settings):
        return folder, reports, settings

    wrapped = with_paths(node, "points", ("folder", "reports"))
    assert wrapped(folder="data/raw", reports="data/reports", settings="s") == (
        Path("data/raw/points"),
        Path("data/reports/points"),
        "s",
    )
