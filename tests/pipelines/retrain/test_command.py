import os
import subprocess
import sys

import pytest

from pipelines.retrain.__main__ import main
from tests.helpers.projects import ROOT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "tets"], "Did you mean test"),
        (["--families", "fast_style,fast_stile"], "no family 'fast_stile'. Did you mean fast_style"),
    ],
)
def test_a_mistyped_name_is_an_error_that_names_the_nearest_one(arguments, message, capsys):
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2
    assert message in capsys.readouterr().err


def test_what_a_tool_prints_is_shown_whatever_the_encoding_of_the_terminal(tmp_path):
    program = (
        "import sys; from pathlib import Path; from pipelines.retrain import __main__ as m; "
        "from pipelines.retrain.processes import Commands; "
        "m.Retraining = lambda *arguments: sys.exit(Commands(Path(sys.argv[1]), Path(sys.argv[1], 'log'))"
        ".attempt('tool', show=lambda line: True)[1]); "
        "m.main(['--env', 'test'])"
    )
    (tmp_path / "tool.py").write_text("print('\u00d7 \u2192 \u7ea2')", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "\u00d7 ? ?\n".encode("latin-1")
    assert (tmp_path / "log").read_text(encoding="utf-8").splitlines()[-1] == "\u00d7 \u2192 \u7ea2"
